import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it, type TestContext } from 'node:test'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { backtraceRanges } from '../../crash/backtrace-ranges.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { s3StoreOf } from '../storage/s3/s3-store-of.ts'
import { crashInto, inSpool, type Wish } from './crash-into-spool.ts'

const MIB = 2 ** 20
const STACK = 0x7f00_0000_0000n
/** More than all that is in memory at once, which can no longer be left out, and the stack behind it. */
const memory = [
  { address: 0x400000n, bytes: randomBytes(96 * MIB) },
  { address: STACK, bytes: randomBytes(MIB) },
]
const core = elfCore({ pid: 7, threads: 1, stackPointers: [STACK + 0x8_0000n], memory })

/** A crash for which the store has no upload, and the spool no room from the first part on. */
async function crash(t: TestContext, wish: Wish, bytes = core) {
  const s3 = await startFakeS3()
  t.after(() => s3[Symbol.asyncDispose]())
  s3.fail('CreateMultipartUpload', faults.refuse(403, 'AccessDenied'), { times: 99 })
  const { pipe, dir, done } = crashInto(t, s3StoreOf(s3), bytes, { compression: 'gzip', spool: '1', ...wish })
  const report = (await done) ?? assert.fail('it is not collected')
  return { pipe, report, spooled: await inSpool(dir) }
}

/** As far as it goes: what was cut breaks off somewhere. */
async function unpacked(bytes: Buffer, unpack = createGunzip()): Promise<Buffer> {
  const chunks: Buffer[] = []
  unpack.end(bytes)
  try {
    for await (const chunk of unpack) chunks.push(chunk as Buffer)
  } catch {
    // The end is missing. What came before it counts.
  }
  return Buffer.concat(chunks)
}

for (const compression of ['gzip', 'zstd'] as const) {
  it(`of a core for which nobody has room, all that a backtrace needs is kept, with ${compression}`, async t => {
    const { pipe, report, spooled } = await crash(t, { compression })
    const kept = await unpacked(
      spooled.bytes,
      compression === 'zstd' ? createZstdDecompress() : createGunzip(),
    )
    assert.equal(kept.length, core.length)
    const read = readCoreHead(core)
    assert.ok('head' in read)
    for (const { offset, lengthBytes } of backtraceRanges(read.head))
      assert.ok(
        kept.subarray(offset, offset + lengthBytes).equals(core.subarray(offset, offset + lengthBytes)),
      )
    const zeros = leftOut(kept)
    assert.ok(zeros > 16 * MIB && spooled.bytes.length < 64 * MIB)
    assert.deepEqual([pipe.seenBytes, pipe.cutReason], [core.length, null])
    assert.deepEqual([report.core?.complete, report.core?.sizeBytes], [false, core.length])
    assert.match(
      report.core?.incompleteReason ?? '',
      new RegExp(
        `^${zeros} bytes .* zeros, all but stacks .*: neither the store nor the spool of its node had room`,
      ),
    )
    assert.equal(spooled.record.core?.lastPart, spooled.numbers.length)
  })
}

it('once nothing more is kept of a core, its process is let go', async t => {
  const { pipe, report, spooled } = await crash(t, { salvage: '9Mi' })
  assertBeginning(await unpacked(spooled.bytes))
  assert.ok(spooled.bytes.length <= 9 * MIB)
  assert.notEqual(pipe.closedAt, null)
  assert.match(spooled.record.core?.cut ?? '', /no room for more of it in the spool/)
  // What is left out is read so fast that it may be over before the disk says that it has enough.
  if (pipe.seenBytes < core.length)
    assert.match(report.core?.incompleteReason ?? '', /^only \d+ of \d+ bytes were kept: neither the store/)
})

it('where zeros cost as much as memory, a core is cut', async t => {
  const { pipe, report, spooled } = await crash(t, { compression: 'none' })
  assertBeginning(spooled.bytes)
  assert.ok(pipe.seenBytes < core.length)
  assert.match(report.core?.incompleteReason ?? '', /^only \d+ of \d+ bytes were kept: neither the store/)
})

it('a core of which nobody can say where its stacks are is cut', async t => {
  const { pipe, spooled } = await crash(t, {}, elfCore({ pid: 7, threads: 1, memory }))
  assert.ok(pipe.seenBytes < core.length)
  assert.ok((await unpacked(spooled.bytes)).length > 0)
})

it('limits.maxHold holds for a process of whose core only a backtrace is kept, too', async t => {
  const { pipe, report } = await crash(t, { maxHold: '1ms' })
  assert.ok(pipe.seenBytes < core.length)
  assert.match(report.core?.incompleteReason ?? '', /held for 0\.001 s: limits\.maxHold/)
})

function assertBeginning(kept: Buffer): void {
  assert.ok(kept.length > 0 && kept.length < core.length && kept.equals(core.subarray(0, kept.length)))
}

/** How much of what had been memory is a zero now, to the byte: a random one is zero as well. */
function leftOut(kept: Buffer): number {
  const first = kept.findIndex((byte, at) => byte !== core[at])
  const from = first - (first % (4 * MIB))
  const read = readCoreHead(core)
  assert.ok('head' in read)
  const inside = backtraceRanges(read.head)
    .map(({ offset, lengthBytes }) => Math.max(0, offset + lengthBytes - Math.max(offset, from)))
    .reduce((sum, bytes) => sum + bytes, 0)
  return core.length - from - inside
}
