import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { FileStore } from '../../../storage/file/file-store.ts'
import { isSomeCallHung } from '../../../time/left-behind.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'
import { hangingMount, NO_FUSE } from '../../fakes/hanging-mount.ts'
import { crashInto, inSpool } from '../../handler/crash-into-spool.ts'
import { all } from '../bodies.ts'

const MAIN = path.resolve(import.meta.dirname, '../../../handler/main.ts')
const core = elfCore({
  pid: 7,
  threads: 1,
  memory: [{ address: 0x400000n, bytes: randomBytes(64 * 2 ** 20) }],
})

it('a crash whose store is a mount that hangs goes to the spool, compressed by all threads, and nothing else hangs', async t => {
  const mount = await hangingMount()
  if (mount === null) return t.skip(NO_FUSE)
  try {
    const store = new FileStore({
      ...{ protocol: 'cfs', mountPath: mount.folder, storeDir: 'corefiles', patienceSeconds: 0.2 },
    } as const)
    const { pipe, dir, done } = crashInto(t, store, core, { compression: 'none' })
    const report = await done
    assert.notEqual(pipe.closedAt, null)
    assert.equal(report?.core?.complete, true)
    assert.ok((await inSpool(dir)).bytes.equals(core))
    assert.ok(isSomeCallHung())
    for (const operation of [
      () => store.get('a'),
      () => store.remove('a'),
      () => store.put('a', [Buffer.from('a')], 1),
      () => all(store.list('')),
      () => all(store.unfinished()),
      () => store.object('a', 1).abortAll(),
    ])
      await assert.rejects(operation(), /does not answer/)
  } finally {
    await mount.end()
  }
  while (isSomeCallHung()) await new Promise(setImmediate)
})

it('a handler that cannot end lets the process go, logs, and gives back its place', {
  timeout: 120_000,
}, async t => {
  const mount = await hangingMount()
  if (mount === null) return t.skip(NO_FUSE)
  const folder = temporaryFolder(t)
  const paths = { log: path.join(folder, 'log/handler.log'), state: folder, run: folder }
  const settings = {
    StorageConfig: { CFSMountPath: mount.folder, protocol: 'cfs' },
    storage: { patience: '200ms' },
    spool: { keepFree: '0%' },
    limits: { concurrency: 1 },
    compression: 'none',
    cri: { sockets: [] },
    paths,
  }
  writeFileSync(path.join(folder, 'c.yaml'), JSON.stringify(settings))
  const handlers = [0, 1].map(() => {
    const kernel = ['4194305', 'app', '1763700000', '11', '4194305', '1', '0', '']
    const child = spawn(process.execPath, [MAIN, `--config=${folder}/c.yaml`, ...kernel], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {},
    })
    child.stdin?.on('error', () => undefined).end(core)
    return child
  })
  try {
    // The second one has the only place once the first has given it back, and neither can end.
    while (spooledIn(paths.log) < 2) await new Promise(done => setTimeout(done, 20))
    assert.deepEqual(
      handlers.map(({ exitCode, signalCode }) => exitCode ?? signalCode),
      [null, null],
    )
  } finally {
    await Promise.all([mount.end(), ...handlers.map(child => once(child, 'exit'))])
  }
})

/** How many crashes went to the spool, as their handlers say. */
function spooledIn(log: string): number {
  try {
    return readFileSync(log, 'utf8').split('"crash spooled"').length - 1
  } catch {
    return 0 // not made yet
  }
}
