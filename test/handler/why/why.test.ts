import assert from 'node:assert/strict'
import { fstatSync, openSync } from 'node:fs'
import { it } from 'node:test'
import { type CoreHead, readCoreHead } from '../../../crash/core-head.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import { heldProcess } from '../../../handler/why/held-process.ts'
import { type Explain, Why } from '../../../handler/why/why.ts'
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

it('Why takes stack and files of code while the process is held, explains once, and closes the files', async () => {
  const { crashed, remains, fds } = held()
  const asked: Evidence[] = []
  const explain: Explain = async evidence => {
    asked.push(evidence)
    fstatSync(evidence.modules[0]?.fd ?? -1)
    return { crash: { reason: 'it was tired' } }
  }
  const why = await Why.of(crashed, remains(), explain)
  const first = await why.explained(REPORT)
  const second = await why.explained(REPORT)
  assert.deepEqual(first.crash, { module: '/app/server', reason: 'it was tired' })
  assert.deepEqual(second.crash, first.crash)
  assert.equal(asked.length, 1)
  assert.deepEqual(
    asked[0]?.pieces.map(({ address }) => address),
    [START + 16n, STACK - 128n],
  )
  assert.equal(fds.length, 1)
  assert.throws(() => fstatSync(fds[0] ?? -1), { code: 'EBADF' })
})

it('Why that is not asked lets go of the files when it is closed', async () => {
  const { crashed, remains, fds } = held()
  const why = await Why.of(crashed, remains(), async () => null)
  await why.close()
  await why.close()
  assert.throws(() => fstatSync(fds[0] ?? -1), { code: 'EBADF' })
  assert.equal(await why.explained(REPORT), REPORT)
})

it('Why gives up a process whose memory cannot be read in time, and closes what is opened later', async () => {
  const { crashed, remains } = held()
  const memory = Promise.withResolvers<Buffer | null>()
  const why = await Why.of(crashed, remains({ memory: () => memory.promise }), () =>
    assert.fail('there is nothing to explain'),
  )
  assert.equal(await why.explained(REPORT), REPORT)
  memory.resolve(null)
})

it('Why leaves the report as it is where nothing could be found out', async () => {
  const { crashed, remains } = held()
  const why = await Why.of(crashed, remains(), async () => null)
  assert.equal(await why.explained(REPORT), REPORT)
  assert.equal(await Why.unknown.explained(REPORT), REPORT)
})
