import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { parseKernelArgs } from '../../crash/kernel-args.ts'
import { isAlive } from '../../durable/writer.ts'
import { beginningsIn } from '../../handler/beginning.ts'
import { BegunFolder } from '../../handoff/begun-folder.ts'
import type { BegunRecord } from '../../handoff/begun-record.ts'
import { ConcludedFolder } from '../../handoff/concluded-folder.ts'
import { isSomeCallHung } from '../../time/left-behind.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { openLogLines } from '../installer/log-lines.ts'

const ID = '0123456789ab'
const KERNEL = ['4194305', 'my app', '1763700000', '11', '4194305', '1', '0', '']
const args = parseKernelArgs(KERNEL)
const MAIN = path.join(import.meta.dirname, '../../handler/main.ts')

/** The record of a handler to which nothing comes, once it waits for its core. */
async function recordOfWaiting(folder: BegunFolder): Promise<BegunRecord> {
  for (;;) {
    const [id] = await folder.ids(1)
    const record = id === undefined ? null : await folder.read(id)
    if (record !== null && record !== 'another version' && record.isWanted) return record
    await pause(10)
  }
}

function startHandler(test: TestContext): { state: string; child: ReturnType<typeof spawn> } {
  const folder = temporaryFolder(test)
  mkdirSync(path.join(folder, 'store'))
  const config = {
    StorageConfig: { CFSMountPath: path.join(folder, 'store'), protocol: 'cfs' },
    cri: { sockets: [] },
    spool: { dir: path.join(folder, 'spool') },
    paths: { log: path.join(folder, 'log/handler.log'), state: folder, run: folder },
  }
  writeFileSync(path.join(folder, 'c.yaml'), JSON.stringify(config))
  const child = spawn(process.execPath, [MAIN, `--config=${folder}/c.yaml`, ...KERNEL], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {},
  })
  test.after(() => child.kill('SIGKILL'))
  return { state: folder, child }
}

it('a handler that is killed before any of the core came leaves word of the crash', {
  timeout: 120_000,
}, async t => {
  const { state, child } = startHandler(t)
  const folder = new BegunFolder(state)
  const { writer } = await recordOfWaiting(folder)
  assert.deepEqual([writer.pid, await isAlive(writer)], [child.pid, true])
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  const { report, identity } = await recordOfWaiting(folder)
  assert.equal(await isAlive(writer), false)
  assert.deepEqual(
    [report.process?.comm, report.time, report.signal?.name, identity],
    ['my app', '2025-11-21T04:40:00.000Z', 'SIGSEGV', null],
  )
  assert.deepEqual(readdirSync(state).includes('spool'), false)
})

it('a handler that comes to its end leaves none', { timeout: 120_000 }, async t => {
  const { state, child } = startHandler(t)
  await recordOfWaiting(new BegunFolder(state))
  const ended = once(child, 'exit')
  child.stdin?.end('no core at all')
  assert.deepEqual(await ended, [0, null])
  assert.deepEqual(readdirSync(path.join(state, 'begun')), [])
})

/** A disk on which the call with that number, and all after it, hang until `release`. */
function hangingFrom(first: number) {
  const back = Promise.withResolvers<void>()
  let asked = 0
  const call = async () => {
    asked += 1
    if (asked >= first) await back.promise
  }
  const begun: Pick<BegunFolder, 'write' | 'remove'> = { write: call, remove: call }
  return { begun, asked: () => asked, release: back.resolve }
}

/** In no time: a disk may take longer than the tests' deadline. */
class Concluded implements Pick<ConcludedFolder, 'add' | 'has'> {
  readonly #ids = new Set<string>()

  async add(id: string): Promise<void> {
    this.#ids.add(id)
  }

  async has(id: string): Promise<boolean> {
    return this.#ids.has(id)
  }
}

it('beginningsIn() waits for no disk that hangs, asks it once only, and counts it as hung', async t => {
  const { log, lines } = openLogLines()
  const { begun, asked, release } = hangingFrom(1)
  t.after(() => release())
  const beginnings = beginningsIn({ begun, concluded: new Concluded() }, log, 0.01)
  await beginnings.forget(ID)
  await beginnings.forget(ID)
  assert.deepEqual([asked(), lines.map(({ msg }) => msg)], [1, ['beginning not noted in time']])
  assert.ok(isSomeCallHung())
  release()
  while (isSomeCallHung()) await setImmediate()
})

it('beginningsIn() says in another place that a crash is over whose beginning a hanging disk keeps', async t => {
  const { log } = openLogLines()
  const concluded = new Concluded()
  const { begun, release } = hangingFrom(2)
  t.after(() => release())
  const beginnings = beginningsIn({ begun, concluded }, log, 0.01)
  const crash = {
    id: ID,
    time: new Date(),
    node: { name: 'node-1', kernel: '6.18.0' },
    args,
    observed: null,
    identity: null,
  }
  await beginnings.note({ ...crash, isWanted: false })
  await beginnings.note({ ...crash, isWanted: true })
  assert.equal(await concluded.has(ID), false)
  await beginnings.forget(ID)
  assert.equal(await concluded.has(ID), true)
  release()
  while (isSomeCallHung()) await setImmediate()
})

it('beginningsIn() leaves nothing in the other place while the disk answers', async t => {
  const { log } = openLogLines()
  const concluded = new ConcludedFolder(temporaryFolder(t))
  const { begun } = hangingFrom(Number.POSITIVE_INFINITY)
  await beginningsIn({ begun, concluded }, log).forget(ID)
  assert.equal(await concluded.has(ID), false)
})
