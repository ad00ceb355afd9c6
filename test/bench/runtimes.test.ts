import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { isAbsent, type Place } from '../../bench/contestant.ts'
import { realCore } from '../../bench/real-core.ts'
import { programNamed, RUNTIMES } from '../../bench/runtimes.ts'
import type { Way } from '../../bench/way.ts'
import { findProgram } from '../installed-program.ts'

const LIVE = path.resolve(import.meta.dirname, '../../bench/live')

it('each is started by a program that it needs, in a folder of its own', () => {
  for (const { name, needs, command } of RUNTIMES) {
    const programs = needs.map(program => `/bin/${path.basename(program)}`)
    const [program = '', ...args] = command(programs, '/data')
    assert.ok(programs.includes(program), name)
    assert.ok(
      args.some(word => word.startsWith(LIVE)),
      name,
    )
  }
})

it('what is not installed is named', async () => {
  const runtime = { name: 'none', title: 'None', needs: ['no-such-program'], command: () => [] }
  const found = await realCore(runtime, {} as Place, {} as Way)
  assert.ok(isAbsent(found))
  assert.equal(found.reason, 'no-such-program is not installed')
  assert.equal(programNamed('no-such-program'), null)
})

const skip = findProgram('bash') === null && 'bash is not installed'
for (const script of globSync('*.sh', { cwd: LIVE }))
  it(`bash can read ${script}`, { skip }, () => {
    execFileSync('bash', ['-n', path.join(LIVE, script)])
  })
