import assert from 'node:assert/strict'
import { it } from 'node:test'
import { backtraceRanges } from '../../crash/backtrace-ranges.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { type CoreRange, endOfRange } from '../../crash/core-range.ts'
import { type Searched, searchedRanges } from '../../crash/searched-ranges.ts'
import { type CoreParts, elfCore } from '../fakes/elf-core.ts'

const MIB = 2 ** 20
const [LOW, STACK] = [0x1_0000_0000n, 0x7f00_0000_0000n]
const memory = [
  { address: LOW, bytes: Buffer.alloc(6 * MIB) },
  { address: STACK, bytes: Buffer.alloc(8 * MIB) },
]
const parts: CoreParts = { memory, stackPointers: [STACK + 0x1000n], entry: LOW }

function rangesOf(given: CoreParts, searched: Searched, longestBytes = 1) {
  const read = readCoreHead(elfCore(given))
  assert.ok('head' in read)
  const { head } = read
  const notes = head.segments.find(({ type }) => type === 4)?.fileOffset ?? assert.fail()
  return { head, notes, ranges: searchedRanges(head, searched, longestBytes) }
}

const has = (ranges: readonly CoreRange[], at: number) =>
  ranges.some(range => range.offset <= at && at < endOfRange(range))

it('searchedRanges() are all of a core from its notes on', () => {
  const { notes, ranges } = rangesOf(parts, 'all')
  assert.deepEqual(ranges, [{ offset: notes, lengthBytes: Number.POSITIVE_INFINITY }])
})

it('searchedRanges() of stacks are all of a core of which it is unknown where they are', () => {
  const { notes, ranges } = rangesOf({ memory }, 'stacks')
  assert.deepEqual(ranges, [{ offset: notes, lengthBytes: Number.POSITIVE_INFINITY }])
  assert.deepEqual(searchedRanges(null, 'stacks', 1), [{ offset: 0, lengthBytes: Number.POSITIVE_INFINITY }])
})

it('searchedRanges() of stacks are what a backtrace needs, without the header, and no more', () => {
  const { head, notes, ranges } = rangesOf(parts, 'stacks')
  const [first, ...others] = backtraceRanges(head)
  assert.equal(ranges[0]?.offset, notes)
  assert.equal(endOfRange(ranges[0] ?? assert.fail()), endOfRange(first ?? assert.fail()))
  assert.deepEqual(ranges.slice(1), others)
})

it('searchedRanges() of stacks have the environment, at the end of the first stack', () => {
  const programPath = STACK + BigInt(8 * MIB - 16)
  const { head, ranges } = rangesOf({ ...parts, programPath }, 'stacks')
  const { fileOffset = 0, fileBytes = 0 } = head.segments.find(({ address }) => address === STACK) ?? {}
  const end = fileOffset + fileBytes
  assert.deepEqual(ranges.at(-1), { offset: end - 2 * MIB, lengthBytes: 2 * MIB })
  assert.equal(has(ranges, end - 2 * MIB - 1), false)
})

it('searchedRanges() of stacks begin early enough for what reaches into them', () => {
  const [{ ranges: exactly }, { ranges }] = [rangesOf(parts, 'stacks'), rangesOf(parts, 'stacks', 100)]
  const { offset = 0 } = exactly.at(-1) ?? {}
  assert.deepEqual([has(ranges, offset - 99), has(ranges, offset - 100)], [true, false])
})
