import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type CoreHead, readCoreHead } from '../../../crash/core-head.ts'
import type { Circumstances } from '../../../handler/why/circumstances.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import type { Explanation } from '../../../handler/why/explain.ts'
import { type Explainer, explainerWithout } from '../../../handler/why/explainer.ts'
import { heldProcess } from '../../../handler/why/held-process.ts'
import type { RuntimeFile } from '../../../handler/why/runtime-file.ts'
import { Why } from '../../../handler/why/why.ts'
import { elfCore } from '../../fakes/elf-core.ts'
import { fakeProc } from '../../fakes/fake-proc.ts'

const REPORT = {
  schema: 'coredog.io/report/v1',
  id: '3f2a9c01d4e5',
  crash: { module: '/app/server' },
} as const
const [START, STACK] = [0x400000n, 0x7ffe_0000_1000n]

/** A program whose file can be opened and whose stack can be read. */
function held() {
  const core = elfCore({
    instruction: START + 16n,
    stackPointers: [STACK],
    files: [{ start: START, end: START + 0x1000n, pages: 0n, path: '/app/server' }],
    memory: [
      { address: START, bytes: Buffer.alloc(4096) },
      { address: STACK - 0x1000n, bytes: Buffer.alloc(8192) },
    ],
  })
  const read = readCoreHead(core)
  const head: CoreHead | null = 'head' in read ? executable(read.head) : null
  assert.ok(head)
  const args = { pid: 4242, comm: 'server', crashedAt: null, signal: 11 }
  const owner = { workload: 'web', container: 'app' }
  const fds: number[] = []
  const proc = {
    ...fakeProc({ '/proc/4242/task/4242/mem': 'stack'.repeat(1000) }),
    open: async (path: string) => {
      assert.equal(path, '/proc/4242/map_files/400000-401000')
      const fd = openSync(process.execPath, 'r')
      fds.push(fd)
      return { fd, sizeBytes: 1 }
    },
  }
  const crashed = { args, observed: {}, call: null, head, owner }
  return { crashed, remains: (more = {}) => heldProcess(args, head, { ...proc, ...more }), fds }
}

function executable(head: CoreHead): CoreHead {
  return { ...head, segments: head.segments.map(segment => ({ ...segment, flags: 5 })) }
}

/** Notes what it gets; `site` may be long in coming. */
function explaining(explanation: Explanation, site: Promise<string | null> = Promise.resolve('5177e')) {
  const looked: Evidence[] = []
  const words: Circumstances[] = []
  const explainer: Explainer = {
    lookAt: evidence => {
      looked.push(evidence)
      return site
    },
    explain: async said => {
      words.push(said)
      fstatSync(looked[0]?.modules[0]?.fd ?? -1)
      return { explanation }
    },
    end: async () => undefined,
  }
  return { explainer, looked, words }
}
const TIRED = { crash: { reason: 'it was tired' } }

it('Why takes stack and files of code while the process is held, explains once, and closes the files', async () => {
  const { crashed, remains, fds } = held()
  const { explainer, looked, words } = explaining(TIRED)
  const why = await Why.of(crashed, remains(), explainer)
  assert.deepEqual([why.site, words.length], ['5177e', 0])
  const first = await why.explained(REPORT)
  const second = await why.explained(REPORT)
  assert.deepEqual(first.crash, { module: '/app/server', reason: 'it was tired' })
  assert.deepEqual(second.crash, first.crash)
  assert.deepEqual([looked.length, words.length], [1, 1])
  assert.deepEqual(
    looked[0]?.pieces.map(({ address }) => address),
    [START + 16n, STACK - 128n],
  )
  assert.equal(fds.length, 1)
  assert.throws(() => fstatSync(fds[0] ?? -1), { code: 'EBADF' })
})

it('Why closes the files of the runtime, also those that come too late', async () => {
  for (const isLate of [false, true]) {
    const { crashed, remains } = held()
    const files = Promise.withResolvers<readonly RuntimeFile[]>()
    const file: RuntimeFile = {
      kind: 'perf-map',
      path: '/tmp/perf-7.map',
      fd: openSync(process.execPath, 'r'),
      sizeBytes: 1,
    }
    const its = { ...remains(), runtimeFiles: () => files.promise }
    if (!isLate) files.resolve([file])
    const known = { ...crashed, observed: { namespacedPid: 7 } }
    const { explainer, words } = explaining(TIRED)
    const why = await Why.of(known, isLate ? { ...its, patienceSeconds: 0.01 } : its, explainer)
    files.resolve([file])
    assert.ok((await why.explained(REPORT)).crash)
    assert.deepEqual(words[0]?.runtimeFiles, isLate ? undefined : [file])
    while (isOpen(file.fd)) await setImmediate()
  }
})

it('Why that has begun needs to be asked by nobody to close the files', async () => {
  const { crashed, remains, fds } = held()
  const why = await Why.of(crashed, remains(), explaining(TIRED).explainer)
  why.begin()
  while (isOpen(fds[0] ?? -1)) await setImmediate()
  assert.equal((await why.explained(REPORT)).crash?.reason, 'it was tired')
})

it('Why that is not asked lets go of the files when it is closed', async () => {
  const { crashed, remains, fds } = held()
  const { explainer, words } = explaining(TIRED)
  const why = await Why.of(crashed, remains(), explainer)
  await why.close()
  await why.close()
  assert.throws(() => fstatSync(fds[0] ?? -1), { code: 'EBADF' })
  assert.equal(words.length, 0)
})

it('Why keeps the files of a process that was let go open for a minute, and says why it did not explain', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { crashed, remains, fds } = held()
  const why = await Why.of(crashed, remains(), explaining(TIRED).explainer)
  why.letGo()
  t.mock.timers.tick(59_999)
  assert.ok(isOpen(fds[0] ?? -1))
  t.mock.timers.tick(1)
  while (isOpen(fds[0] ?? -1)) await setImmediate()
  assert.match((await why.explained(REPORT)).crash?.unexplained ?? '', /had no turn within a minute/)
})

it('Why has the files open for another one that reads them, until that one releases them', async () => {
  const { crashed, remains, fds } = held()
  const why = await Why.of(crashed, remains(), explaining(TIRED).explainer)
  const files = why.holdFiles()
  assert.deepEqual(
    files?.modules.map(({ fd, path }) => [fd, path]),
    [[fds[0], '/app/server']],
  )
  await why.explained(REPORT)
  await why.close()
  assert.ok(isOpen(fds[0] ?? -1))
  await files?.release()
  await files?.release()
  assert.ok(!isOpen(fds[0] ?? -1))
})

it('Why asks whoever reads the files to release them when the process has been let go for a minute', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { crashed, remains, fds } = held()
  const why = await Why.of(crashed, remains(), explaining(TIRED).explainer)
  const files = why.holdFiles()
  files?.over.addEventListener('abort', () => void files.release())
  why.letGo()
  t.mock.timers.tick(60_000)
  assert.match(String(files?.over.reason), /it took longer than 60 s/)
  while (isOpen(fds[0] ?? -1)) await setImmediate()
})

it('Why closes files once, also where another one wants them when they are closed', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { crashed, remains, fds } = held()
  const why = await Why.of(crashed, remains(), explaining(TIRED).explainer)
  why.letGo()
  t.mock.timers.tick(60_000)
  while (isOpen(fds[0] ?? -1)) await setImmediate()
  const reused = openSync(process.execPath, 'r')
  assert.equal(reused, fds[0])
  const files = why.holdFiles()
  assert.match(String(files?.over.reason), /it took longer than 60 s/)
  await files?.release()
  assert.ok(isOpen(reused))
  closeSync(reused)
})

it('Why says of files that are closed that they are, whatever closed them', async () => {
  const { crashed, remains } = held()
  const why = await Why.of(crashed, remains(), explaining(TIRED).explainer)
  await why.close()
  assert.ok(why.holdFiles()?.over.aborted)
})

it('Why has no files of a process that was not looked at', () => {
  assert.equal(Why.unknown('it is no core').holdFiles(), null)
})

it('Why gives up a process whose memory cannot be read in time, and says so', async () => {
  const { crashed, remains } = held()
  const memory = Promise.withResolvers<Buffer | null>()
  const { explainer, looked } = explaining(TIRED)
  const hanging = { ...remains({ memory: () => memory.promise }), patienceSeconds: 0.01 }
  const why = await Why.of(crashed, hanging, explainer)
  assert.equal(
    (await why.explained(REPORT)).crash?.unexplained,
    'the process could not be looked at within 0.01 s',
  )
  assert.deepEqual([why.site, looked], [null, []])
  memory.resolve(null)
})

it('Why holds a process no longer for a site that is long in coming, and explains all the same', async () => {
  const { crashed, remains } = held()
  const { explainer } = explaining(TIRED, new Promise(() => undefined))
  const why = await Why.of(crashed, { ...remains(), patienceSeconds: 0.01 }, explainer)
  assert.equal(why.site, null)
  assert.equal((await why.explained(REPORT)).crash?.reason, 'it was tired')
})

it('Why says why a process could not be looked at, or explained', async () => {
  const { crashed, remains } = held()
  const broken = { ...remains(), code: () => Promise.reject(new Error('no such folder')) }
  const reports = [
    await (await Why.of(crashed, broken, explaining(TIRED).explainer)).explained(REPORT),
    await (await Why.of(crashed, remains(), explainerWithout('there was no thread'))).explained(REPORT),
    await Why.unknown('it is no core').explained(REPORT),
  ]
  assert.deepEqual(
    reports.map(({ crash }) => crash?.unexplained),
    ['the process could not be looked at: no such folder', 'there was no thread', 'it is no core'],
  )
})

function isOpen(fd: number): boolean {
  try {
    return fstatSync(fd) !== null
  } catch {
    return false
  }
}
