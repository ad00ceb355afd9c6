import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { MachineLock } from '../e2e/machine-lock.ts'
import { filesIn, leftoversOf, TRIAL_FOLDER } from './leftovers.ts'

it('a process of a trial is seen by its arguments, its environment and its open files', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-leftovers-'))
  const log = openSync(path.join(folder, 'log'), 'a')
  const known = [
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', folder], { stdio: 'ignore', env: {} }),
    spawn('sleep', ['600'], { stdio: 'ignore', env: { [TRIAL_FOLDER]: folder } }),
    spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', log], env: {} }),
  ]
  t.after(() => known.map(child => child.kill('SIGKILL')))
  const before = filesIn()
  await Promise.all(known.map(child => once(child, 'spawn')))
  rmSync(folder, { recursive: true })
  const left = await leftoversOf(folder, before, 0)
  assert.deepEqual(
    known.map(({ pid }) => left.some(line => line.startsWith(`process ${pid}:`))),
    [true, true, true],
  )
  await Promise.all(known.map(end))
  assert.deepEqual(await leftoversOf(folder, before, 10), [])
})

it('a folder that stays is seen, and what goes in time is not', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-leftovers-'))
  const before = filesIn()
  assert.deepEqual(await leftoversOf(folder, before, 0), [`file ${folder}`])
  const looking = leftoversOf(folder, before, 30)
  rmSync(folder, { recursive: true })
  assert.deepEqual(await looking, [])
})

it('a file elsewhere is seen, but not while an end-to-end test has CoreDog installed', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-leftovers-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const elsewhere = { folders: [path.join(folder, 'etc')], lock: path.basename(folder) }
  const stray = path.join(folder, 'etc/coredog.yaml')
  const before = filesIn(elsewhere)
  mkdirSync(path.dirname(stray))
  writeFileSync(stray, '')
  const left = () => leftoversOf('/no/such/trial', before, 0, elsewhere)
  assert.deepEqual(await left(), [`file ${stray}`])
  const lock = await MachineLock.take(elsewhere.lock, 'a test', 10)
  const leftMeanwhile = await left()
  await lock[Symbol.asyncDispose]()
  assert.deepEqual(leftMeanwhile, [])
  assert.deepEqual(await left(), [`file ${stray}`])
})

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
