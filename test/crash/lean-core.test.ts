import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import fc from 'fast-check'
import { backtraceRanges } from '../../crash/backtrace-ranges.ts'
import { type CoreHead, readCoreHead } from '../../crash/core-head.ts'
import { type CoreRange, merged } from '../../crash/core-range.ts'
import { PT_LOAD, PT_NOTE } from '../../crash/elf.ts'
import { type LeanCore, leanCore } from '../../crash/lean-core.ts'
import { type CoreParts, elfCore } from '../fakes/elf-core.ts'
import { inputs } from '../inputs.ts'

const PAGE = 4096
const HEAP = { address: 0x40_0000n, bytes: randomBytes(8 * PAGE) }
const STACK = { address: 0x7f00_0000_0000n, bytes: randomBytes(4 * PAGE) }
const parts: CoreParts = { pid: 7, threads: 2, memory: [HEAP, STACK] }

function headOf(core: Buffer): CoreHead {
  const read = readCoreHead(core)
  assert.ok('head' in read)
  return read.head
}

/** The lean core as a file. */
function made(core: Buffer, lean: LeanCore | null): Buffer {
  assert.ok(lean !== null)
  const file = Buffer.alloc(lean.endBytes)
  lean.head.copy(file)
  for (const { at, offset, lengthBytes } of lean.pieces) core.copy(file, at, offset, offset + lengthBytes)
  return file
}

/** Where memory is, and how much of it is in the core. */
function memoryIn({ segments }: CoreHead) {
  return segments
    .filter(({ type }) => type === PT_LOAD)
    .map(({ address, fileBytes, memoryBytes }) => [address, fileBytes, memoryBytes])
}

/** From page `first` on, of the segment that `address` begins. */
function pages(core: Buffer, address: bigint, first: number, count: number): CoreRange {
  const segment = headOf(core).segments.find(one => one.address === address && one.type === PT_LOAD)
  return { offset: (segment?.fileOffset ?? 0) + first * PAGE, lengthBytes: count * PAGE }
}

it('leanCore() has the memory that is kept, and says where the rest was', () => {
  const core = elfCore(parts)
  const keep = [pages(core, HEAP.address, 2, 1), pages(core, STACK.address, 1, 3)]
  const lean = leanCore(core, headOf(core), keep)
  const file = made(core, lean)
  const head = headOf(file)
  assert.deepEqual(memoryIn(head), [
    [HEAP.address, 0, 2 * PAGE],
    [HEAP.address + BigInt(2 * PAGE), PAGE, PAGE],
    [HEAP.address + BigInt(3 * PAGE), 0, 5 * PAGE],
    [STACK.address, 0, PAGE],
    [STACK.address + BigInt(PAGE), 3 * PAGE, 3 * PAGE],
  ])
  const kept = head.segments.filter(({ type, fileBytes }) => type === PT_LOAD && fileBytes > 0)
  assert.deepEqual(
    kept.map(({ fileOffset, fileBytes }) => file.subarray(fileOffset, fileOffset + fileBytes)),
    [HEAP.bytes.subarray(2 * PAGE, 3 * PAGE), STACK.bytes.subarray(PAGE)],
  )
  assert.ok(kept.every(({ fileOffset }) => fileOffset % PAGE === 0))
  assert.equal(lean?.leftOutBytes, 8 * PAGE)
  assert.equal(file.length, head.endBytes)
})

it('leanCore() has all that the notes of the core say', () => {
  const core = elfCore({
    ...parts,
    stackPointers: [STACK.address, STACK.address + 16n],
    signal: { number: 11, code: 1, address: 0n },
    files: [{ start: HEAP.address, end: HEAP.address + 4096n, pages: 0n, path: '/app/server' }],
  })
  const { segments: _, endBytes: _end, ...noted } = headOf(core)
  const {
    segments: _kept,
    endBytes: _keptEnd,
    ...kept
  } = headOf(made(core, leanCore(core, headOf(core), [])))
  assert.deepEqual(kept, noted)
})

it('leanCore() keeps whole pages, each once', () => {
  const core = elfCore(parts)
  const { offset } = pages(core, HEAP.address, 0, 1)
  const keep = [
    { offset: offset + 10, lengthBytes: 20 },
    { offset: offset + 40, lengthBytes: PAGE },
  ]
  const lean = leanCore(core, headOf(core), keep)
  assert.deepEqual(
    lean?.pieces.map(({ address, lengthBytes }) => [address, lengthBytes]),
    [
      [HEAP.address, PAGE],
      [HEAP.address + BigInt(PAGE), PAGE],
    ],
  )
})

it('leanCore() counts the segments of a core that has too many for its header', () => {
  const core = elfCore({ ...parts, overflowingCount: true })
  const file = made(core, leanCore(core, headOf(core), [pages(core, STACK.address, 0, 1)]))
  assert.deepEqual(memoryIn(headOf(file)), [
    [HEAP.address, 0, 8 * PAGE],
    [STACK.address, PAGE, PAGE],
    [STACK.address + BigInt(PAGE), 0, 3 * PAGE],
  ])
  assert.equal(headOf(file).countSection, null)
})

it('leanCore() tells only of what is kept where there is no room to tell of all', () => {
  const memory = Array.from({ length: 40_000 }, (_, index) => ({
    address: BigInt(index + 1) << 20n,
    bytes: Buffer.alloc(2 * PAGE),
  }))
  const core = elfCore({ memory })
  const keep = memory.slice(0, 3).map(({ address }) => pages(core, address, 0, 1))
  const every = headOf(core).segments.filter(({ type }) => type === PT_LOAD)
  const first = every.map(({ fileOffset }) => ({ offset: fileOffset, lengthBytes: PAGE }))
  assert.equal(memoryIn(headOf(made(core, leanCore(core, headOf(core), keep)))).length, 40_003)
  const kept = memoryIn(headOf(made(core, leanCore(core, headOf(core), first))))
  assert.deepEqual(new Set(kept.map(([, fileBytes]) => fileBytes)), new Set([PAGE]))
  assert.equal(kept.length, 40_000)
})

it('leanCore() is nothing where the notes have not come', () => {
  const core = elfCore(parts)
  assert.equal(leanCore(core.subarray(0, 300), headOf(core), []), null)
})

it('leanCore() has the first threads where the notes of all have not come', () => {
  const stackPointers = [STACK.address + 8n, STACK.address + 16n, STACK.address + 24n]
  const core = elfCore({ ...parts, threads: 4, stackPointers })
  const { fileOffset = 0, fileBytes = 0 } = headOf(core).segments.find(({ type }) => type === PT_NOTE) ?? {}
  const begun = core.subarray(0, fileOffset + fileBytes - 4)
  const file = made(core, leanCore(begun, headOf(core), [pages(core, STACK.address, 0, 4)]))
  const { threads, pid, signal, stackPointers: left } = headOf(file)
  assert.deepEqual([threads, pid, signal?.number, left], [2, 7, 11, stackPointers.slice(0, 2)])
  assert.deepEqual(file.subarray(-4 * PAGE), STACK.bytes)
})

it('leanCore() makes of whatever is changed in a core nothing that is larger than what is kept', () => {
  const core = elfCore({ ...parts, stackPointers: [STACK.address + 8n] })
  const change = fc.tuple(fc.nat(64 + 3 * 56 - 1), fc.nat(255))
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(9000))),
      (changes, keep) => {
        const bytes = Buffer.from(core)
        for (const [at, value] of changes) bytes[at] = value
        const read = readCoreHead(bytes)
        if (!('head' in read)) return
        const ranges = merged(
          keep.map(([offset, lengthBytes]) => ({ offset: offset % core.length, lengthBytes })),
        )
        const allowed = ranges.reduce((sum, { lengthBytes }) => sum + lengthBytes + 2 * PAGE, 0)
        for (const kept of [ranges, backtraceRanges(read.head)]) {
          const lean = leanCore(bytes, read.head, kept)
          const ofMemory = lean?.pieces.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0) ?? 0
          if (kept === ranges) assert.ok(ofMemory <= allowed)
        }
      },
    ),
    inputs(),
  )
})
