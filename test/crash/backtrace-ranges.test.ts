import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { backtraceRanges } from '../../crash/backtrace-ranges.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import type { CoreRange } from '../../crash/core-range.ts'
import { type CoreParts, elfCore } from '../fakes/elf-core.ts'
import { inputs } from '../inputs.ts'

const KIB = 1024
const MIB = 1024 * KIB
const PAGE = 4 * KIB
const STACK = 0x7f00_0000_0000n
const LARGEST_BYTES = 32 * MIB

/** The ranges of a core without its head, by addresses: what begins where, and how long it is. */
function keptOf(parts: CoreParts): readonly (readonly [address: bigint, bytes: number])[] {
  const { head, ranges } = rangesOf(elfCore(parts))
  assert.deepEqual(ranges[0]?.offset, 0)
  return ranges.flatMap(({ offset, lengthBytes }) =>
    head.segments
      .filter(({ type }) => type === 1)
      .flatMap(({ address, fileOffset, fileBytes }) => {
        const from = Math.max(offset, fileOffset)
        const to = Math.min(offset + lengthBytes, fileOffset + fileBytes)
        return to > from ? [[address + BigInt(from - fileOffset), to - from] as const] : []
      }),
  )
}

function rangesOf(core: Buffer) {
  const read = readCoreHead(core)
  assert.ok('head' in read)
  return { head: read.head, ranges: backtraceRanges(read.head) }
}

function memory(address: bigint, bytes: number) {
  return { address, bytes: Buffer.alloc(bytes) }
}

/** What lies lowest, as the heap does. */
const heaps = [memory(0x1000n, 5 * MIB), memory(0x100_0000n, 5 * MIB)]

it('backtraceRanges() keeps the stack of the thread that crashed from below its red zone on, and less of others', () => {
  const kept = keptOf({
    threads: 2,
    stackPointers: [STACK + 0x10_0123n, STACK + 0x1000_0000n + 0x10_0fffn],
    memory: [...heaps, memory(STACK, 2 * MIB), memory(STACK + 0x1000_0000n, 2 * MIB)],
  })
  assert.deepEqual(kept.slice(3, 4), [[STACK + 0xff000n, PAGE + 0x123 + 256 * KIB]])
  assert.deepEqual(kept.slice(5), [[STACK + 0x1000_0000n + 0xff000n, PAGE + 0xfff + 64 * KIB]])
})

it('backtraceRanges() keeps what there is of a stack that has overflowed', () => {
  const kept = keptOf({ stackPointers: [STACK - 0x20n], memory: [...heaps, memory(STACK, MIB)] })
  assert.deepEqual(kept.at(-1), [STACK, 256 * KIB])
})

it('backtraceRanges() keeps how the program is linked: first pages and data of mapped files, and small mappings', () => {
  const files = [0n, 3n].map(pages => ({
    start: 0x1000_0000n + pages * 0x10_0000n,
    end: 0x1080_0000n + pages * 0x10_0000n,
    pages,
    path: '/app/server',
  }))
  const kept = keptOf({
    stackPointers: [STACK],
    files,
    memory: [
      memory(0x1000_0000n, PAGE),
      memory(0x1030_0000n, MIB),
      ...[0x2000_0000n, 0x2100_0000n, 0x2200_0000n].map(address => memory(address, 8 * MIB)),
      memory(0x3000_0000n, 2 * PAGE),
    ],
  })
  assert.deepEqual(kept, [
    [0x1000_0000n, PAGE],
    [0x1030_0000n, MIB],
    [0x2000_0000n, 4 * MIB],
    [0x2100_0000n, 4 * MIB],
    [0x2200_0000n, 256 * KIB],
    [0x3000_0000n, 2 * PAGE],
  ])
})

it('backtraceRanges() keeps the first page of a file whose data are too large, after those of smaller ones', () => {
  const sizes = [3 * MIB, 2 * MIB, 2 * MIB, 2 * MIB]
  const starts = sizes.map((_, index) => BigInt(index + 1) * 0x1000_0000n)
  const kept = keptOf({
    stackPointers: [STACK],
    files: starts.map(start => ({ start, end: start + 0x100_0000n, pages: 0n, path: `/lib/${start}` })),
    memory: sizes.map((bytes, index) => memory(starts[index] ?? 0n, bytes)),
  })
  assert.deepEqual(kept, [[starts[0], PAGE], ...starts.slice(1).map(start => [start, 2 * MIB])])
})

it('backtraceRanges() is bounded, and the crashing thread comes first', { timeout: 120_000 }, () => {
  const stacks = Array.from({ length: 400 }, (_, index) => STACK + BigInt(index) * 0x10_0000n)
  const tiny = Array.from({ length: 20_000 }, (_, index) => memory(BigInt(index) * 0x10_0000n, 1))
  const core = elfCore({
    threads: 400,
    stackPointers: stacks.toReversed(),
    memory: [...tiny, ...stacks.map(address => memory(address, 128 * KIB))],
    overflowingCount: true,
  })
  const { ranges } = rangesOf(core)
  const [head, ...kept] = ranges
  assert.ok((head?.lengthBytes ?? 0) > 20_000 * 56)
  assert.ok(sum(kept) <= LARGEST_BYTES, `${sum(kept)} bytes`)
  assert.ok(kept.length < 1000)
  const crashed = core.length - 128 * KIB
  assert.ok(kept.some(({ offset, lengthBytes }) => offset <= crashed && offset + lengthBytes === core.length))
})

it('backtraceRanges() keeps the section header that holds the count of over 65,534 segments', () => {
  const core = elfCore({ stackPointers: [STACK], overflowingCount: true })
  const last = rangesOf(core).ranges.at(-1)
  assert.equal((last?.offset ?? 0) + (last?.lengthBytes ?? 0), core.length)
  assert.deepEqual(rangesOf(elfCore({ stackPointers: [STACK] })).ranges.length, 1)
})

it('backtraceRanges() survives any damage to a core: ranges in their order, apart, and not too many', () => {
  const core = elfCore({
    threads: 3,
    stackPointers: [0x401000n, 0x402000n, 0x403000n],
    files: [{ start: 0x400000n, end: 0x500000n, pages: 0n, path: '/app' }],
    memory: [memory(0x400000n, MIB), memory(0x600000n, MIB)],
  })
  const damage = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { maxLength: 20 })
  fc.assert(
    fc.property(damage, changes => {
      const damaged = Buffer.from(core)
      for (const [at, value] of changes) damaged[at] = value
      const read = readCoreHead(damaged)
      if (!('head' in read)) return
      const ranges = backtraceRanges(read.head)
      assert.ok(sum(ranges.slice(1)) <= LARGEST_BYTES)
      for (const [index, { offset }] of ranges.entries()) {
        const before = ranges[index - 1]
        assert.ok(before === undefined || before.offset + before.lengthBytes < offset)
      }
    }),
    inputs(),
  )
})

function sum(ranges: readonly CoreRange[]): number {
  return ranges.reduce((bytes, { lengthBytes }) => bytes + lengthBytes, 0)
}
