import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it, type TestContext } from 'node:test'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { parseConfig } from '../../config/parse-config.ts'
import { INDEX } from '../../crash/index-entry.ts'
import type { CorePipe } from '../../handler/core/core-pipe.ts'
import { nearMaxHold } from '../../handler/max-hold.ts'
import type { Outside } from '../../handler/outside.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { PutOutcome } from '../../storage/parts/failover.ts'
import { pipeOf } from '../fakes/core-file.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { MemorySink } from '../fakes/memory-sink.ts'
import { s3StoreOf } from '../storage/s3/s3-store-of.ts'
import { crashInto, inSpool, type Wish } from './crash-into-spool.ts'

const MIB = 2 ** 20
/** More than all that is in memory at once: blocks that are read ahead, and the buffers of parts. */
const core = elfCore({ pid: 7, threads: 1, memory: [{ address: 0x400000n, bytes: randomBytes(64 * MIB) }] })
const SMALL = elfCore({ pid: 7, threads: 1, memory: [] })

/** A crash into `sink`, with the real spool, and what its pipe and its log say. */
function crash(t: TestContext, sink: Outside['sink'], wish: Wish, bytes = core) {
  return crashInto(t, sink, bytes, wish)
}

for (const operation of ['CreateMultipartUpload', 'UploadPart'] as const) {
  it(`limits.maxHold lets the process go while the store hangs at ${operation}: all of the core is in the spool`, async t => {
    const hour = new AbortController()
    await using s3 = await startFakeS3({
      faultOf: seen => {
        if (seen.operation !== operation) return null
        hour.abort()
        return faults.hang()
      },
    })
    const { pipe, dir, done } = crash(t, s3StoreOf(s3, {}, { partMs: 600_000 }), {
      maxHold: '1h',
      timer: () => hour.signal,
    })
    const report = await done
    assert.notEqual(pipe.closedAt, null)
    assert.deepEqual([report?.core?.complete, pipe.cutReason], [true, null])
    assert.equal(s3.bucket().objects.size, 0)
    const { record, numbers, bytes } = await inSpool(dir)
    assert.ok(bytes.equals(core))
    assert.deepEqual([record.core?.lastPart, record.writer, record.told], [numbers.length, null, false])
    assert.equal(record.core?.uploadId === null, operation === 'CreateMultipartUpload')
  })
}

it('limits.maxHold gives no store up once all of the core is in memory, and its process is let go', async t => {
  const hour = new AbortController()
  await using s3 = await startFakeS3()
  const { pipe, done } = crash(t, s3StoreOf(s3), {
    maxHold: '1h',
    readAhead: { mayHold: () => true, keep: () => undefined },
    timer: () => hour.signal,
  })
  // Before its last part is sent.
  void pipe.closed.then(() => hour.abort())
  const report = await done
  assert.deepEqual([report?.core?.complete, hour.signal.aborted], [true, true])
  const stored = [...s3.bucket().objects.keys()].filter(key => !key.includes(INDEX))
  assert.equal(stored.length, 2)
})

it('limits.maxHold counts from when the process was held: who waited too long for a turn goes to the spool at once', async t => {
  await using s3 = await startFakeS3()
  const { dir, done } = crash(t, s3StoreOf(s3), { maxHold: '1ms' })
  await done
  assert.ok((await inSpool(dir)).bytes.equals(core))
  assert.deepEqual(s3.requests, [])
})

it('limits.maxHold keeps without a spool at least what was read of a core that waited too long for its turn', async t => {
  const sink = new MemorySink()
  const report = await crash(t, sink, { maxHold: '1ms', spool: '0' }).done
  assert.match(report?.core?.incompleteReason ?? '', /held for 0\.001 s: limits\.maxHold/)
  const kept = [...sink.objects].find(([key]) => key.endsWith('/core'))?.[1] ?? assert.fail('no core is kept')
  assert.ok(kept.length > 0 && kept.equals(core.subarray(0, kept.length)))
})

/** Takes one chunk, then says so, and no more until the process is let go. */
class SlowSink extends MemorySink {
  readonly tookOne = new AbortController()
  pipe: CorePipe | null = null

  override async put(key: string, body: Bytes): Promise<PutOutcome> {
    return super.put(key, this.#slowly(body))
  }

  async *#slowly(body: Bytes): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      yield chunk
      this.tookOne.abort()
      while (this.pipe !== null && this.pipe.closedAt === null) await turnOfLoop()
    }
  }
}

it('limits.maxHold cuts the core where there is no spool, and says so', async t => {
  const sink = new SlowSink()
  const wish: Wish = { maxHold: '1h', spool: '0', timer: () => sink.tookOne.signal }
  const { pipe, done } = crash(t, sink, wish)
  sink.pipe = pipe
  const report = await done
  assert.equal(report?.core?.complete, false)
  assert.match(
    report?.core?.incompleteReason ?? '',
    /its process had been held for [\d.]+ s: limits\.maxHold/,
  )
  const kept = [...sink.objects].find(([key]) => key.endsWith('/core'))?.[1] ?? assert.fail('no core is kept')
  assert.ok(kept.length > 0 && kept.length < core.length)
  assert.ok(kept.equals(core.subarray(0, kept.length)))
})

const WISHES: readonly (readonly [annotation: string | undefined, heldSeconds: number])[] = [
  [undefined, 3600],
  ['30s', 30],
  ['10s', 10],
  ['1s', 10],
  ['2h', 7200],
  ['0s', 0],
  ['soon', 3600],
  ['-5m', 3600],
  ['5m; rm -rf /', 3600],
  ['', 3600],
]
for (const [annotation, seconds] of WISHES) {
  it(`with limits.maxHold 1h and coredog.io/max-hold ${annotation} a process is held for ${seconds} s`, async t => {
    const annotated = annotation === undefined ? {} : { annotation }
    const { held, done } = crash(t, new MemorySink(), { maxHold: '1h', ...annotated }, SMALL)
    await done
    assert.deepEqual(held, [seconds])
  })
}

for (const [maxHold, isLetGo, isNear] of [
  ['0s', false, false],
  ['1ms', false, true],
  ['1h', false, false],
  ['1ms', true, false],
] as const) {
  it(`nearMaxHold() is ${isNear} by ${maxHold}, with the process ${isLetGo ? 'let go' : 'held'}`, t => {
    const { config } = parseConfig(
      `{StorageConfig: {protocol: cfs, CFSMountPath: /mnt}, limits: {maxHold: ${maxHold}}}`,
    )
    const pipe = pipeOf(t, SMALL)
    if (isLetGo) pipe.close()
    assert.equal(nearMaxHold({ identity: null, pipe }, config)(), isNear)
  })
}
