import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { composer } from '../../bench/composer.ts'
import { isAbsent, type Place } from '../../bench/contestant.ts'
import { compilePrograms } from '../../bench/programs.ts'
import { runOnce } from '../../bench/run.ts'
import { Scratch } from '../../bench/scratch.ts'
import { openWay } from '../../bench/way.ts'
import { findProgram } from '../installed-program.ts'

const CORE = { name: 'heap', title: 'Heap-like memory', kind: 'heap', sizeBytes: 2 ** 21 }
const NEEDED = ['gcc', 'python3', 'unzip']
const missing = NEEDED.filter(program => findProgram(program) === null)
const skip = missing.length > 0 && `${missing.join(', ')} not installed`

// Makes what IBM's makes, by the settings that lie beside it.
const STAND_IN = `#!/usr/bin/env python3
import os, sys, zipfile
folder = [word[3:] for word in sys.argv if word.startswith('-d=')][0]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '.env')) as settings:
    name = dict(line.strip().split('=', 1) for line in settings)['FILENAME_TEMPLATE'].replace('{uuid}', '1')
with zipfile.ZipFile(f'{folder}/{name}.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(f'{name}-dump-info.json', '{}')
    with archive.open(f'{name}.core', 'w') as core:
        while block := sys.stdin.buffer.read(65536): core.write(block)
`

it('takes part with a program that a path leads to, and its ZIP is looked into', { skip }, async t => {
  const program = path.join(temporaryFolder(t), 'cdc')
  writeFileSync(program, STAND_IN, { mode: 0o755 })
  using scratch = new Scratch(0)
  const place = await placeIn(scratch, program)
  const one = await composer(place)
  assert.ok(!isAbsent(one))
  await using way = await openWay(false, place.programs, { signal: AbortSignal.timeout(120_000) })
  const run = await runOnce(one, CORE, { place, way, checked: true })
  assert.ok(run.storedBytes > 0 && run.storedBytes < CORE.sizeBytes)
})

it('without a path, or with one that leads nowhere, it is absent, and the reason is told', async () => {
  using scratch = new Scratch(0)
  const programs = { coreMaker: '', meter: '' }
  const place = { scratch, programs, result: '', byKernel: false, cleanUp: new AsyncDisposableStack() }
  for (const [program, reason] of [
    [null, /--composer/],
    ['/nowhere/cdc', /there is no/],
  ] as const) {
    const one = await composer({ ...place, composer: program })
    assert.ok(isAbsent(one))
    assert.match(one.reason, reason)
  }
})

async function placeIn(scratch: Scratch, program: string): Promise<Place> {
  return {
    ...{ scratch, byKernel: false, composer: program, cleanUp: new AsyncDisposableStack() },
    programs: await compilePrograms(scratch.programs),
    result: path.join(scratch.programs, 'result'),
  }
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-bench-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}
