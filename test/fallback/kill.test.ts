import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { elfCore } from '../fakes/elf-core.ts'
import { writeNodeProgram } from '../fakes/node-program.ts'

it('watchDumps, killed in the middle of a file and started again, takes it again under the same id', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-fallback-kill-'))
  const starts = path.join(folder, 'starts')
  const core = path.join(folder, 'host/data/coredog-system/dumps/ns/pod/app/core.1')
  mkdirSync(path.dirname(core), { recursive: true })
  writeFileSync(core, elfCore())
  writeFileSync(starts, '')
  const handler = path.join(folder, 'handler.cjs')
  writeNodeProgram(handler, script(starts))
  const running = () =>
    readFileSync(starts, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => line.split(' '))

  const watching: ChildProcess[] = []
  const start = () => {
    const watcher = watch(folder, handler)
    watching.push(watcher)
    return watcher
  }
  // What still runs would keep a test that failed from ending.
  t.after(() => {
    for (const watcher of watching) watcher.kill('SIGKILL')
    for (const [pid] of running()) killIfThere(Number(pid))
    rmSync(folder, { recursive: true })
  })

  const first = start()
  await until(() => running().length === 1)
  first.kill('SIGKILL')
  await once(first, 'exit')
  assert.ok(existsSync(core))
  const second = start()
  await until(() => !existsSync(core))
  second.kill('SIGKILL')
  await once(second, 'exit')

  const [[, ...one] = [], [, ...other] = []] = running()
  assert.deepEqual(other, one)
  assert.match(one[0] ?? '', /^--id=[0-9a-f]{12}$/)
})

/** The first one started never ends; each says its pid and its crash's id. */
function script(starts: string): string {
  return `
    const fs = require('node:fs')
    const isFirst = fs.readFileSync('${starts}', 'utf8') === ''
    const id = process.argv.find(argument => argument.startsWith('--id='))
    fs.appendFileSync('${starts}', process.pid + ' ' + id + '\\n')
    if (isFirst) setInterval(() => undefined, 1000)
    else console.log('{"outcome":"stored"}')`
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function watch(folder: string, handler: string): ChildProcess {
  const program = path.join(import.meta.dirname, 'doomed-watch.ts')
  return spawn(process.execPath, [program, path.join(folder, 'host'), handler], {
    stdio: 'inherit',
  })
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'it did not happen')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
