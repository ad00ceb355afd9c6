import { type CoreRange, endOfRange } from './core-range.ts'
import { type ElfSegment, PT_LOAD } from './elf.ts'

const PAGE_BYTES = 4096

/** A part of a segment of memory: all of it is kept, or none. */
export interface LeanPart {
  /** The number of the segment. */
  readonly segment: number
  readonly address: bigint
  /** Where it is, or was to be, in the core. */
  readonly offset: number
  readonly memoryBytes: number
  readonly isKept: boolean
}

/**
 * The memory of `segments` in parts, by whole pages, of which those are kept that `keep` has, which is in order and
 * apart. Of segments that lie over one another, as only a forged core has them, no byte is kept twice.
 */
export function partsOf(segments: readonly ElfSegment[], keep: readonly CoreRange[]): readonly LeanPart[] {
  let reached = 0
  return segments.flatMap((segment, number) => {
    if (segment.type !== PT_LOAD) return []
    const ranges = segment.fileOffset < reached ? [] : rangesIn(segment, keep)
    if (ranges.length > 0) reached = segment.fileOffset + segment.fileBytes
    return [...parted(segment, ranges)].map(part => ({ segment: number, ...part }))
  })
}

function* parted(segment: ElfSegment, ranges: readonly CoreRange[]): Generator<Omit<LeanPart, 'segment'>> {
  const { address, fileOffset, fileBytes, memoryBytes } = segment
  const part = (from: number, to: number, isKept: boolean) => ({
    address: address + BigInt(from),
    offset: fileOffset + from,
    memoryBytes: to - from,
    isKept,
  })
  let at = 0
  for (const range of ranges) {
    const from = Math.max(at, pageBelow(range.offset - fileOffset))
    const to = Math.min(fileBytes, pageAbove(endOfRange(range) - fileOffset))
    if (to <= from) continue
    if (from > at) yield part(at, from, false)
    yield part(from, to, true)
    at = to
  }
  const end = Math.max(memoryBytes, fileBytes)
  if (end > at) yield part(at, end, false)
}

/** Those that have some of it. */
function rangesIn({ fileOffset, fileBytes }: ElfSegment, keep: readonly CoreRange[]): readonly CoreRange[] {
  const end = fileOffset + fileBytes
  const first = firstFrom(keep, range => endOfRange(range) > fileOffset)
  return keep.slice(
    first,
    firstFrom(keep, range => range.offset >= end),
  )
}

/** The number of the first of which `isOne` holds, as it does of all behind it. */
function firstFrom(ranges: readonly CoreRange[], isOne: (range: CoreRange) => boolean): number {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const range = ranges[middle]
    if (range !== undefined && isOne(range)) high = middle
    else low = middle + 1
  }
  return low
}

function pageBelow(bytes: number): number {
  return bytes - (bytes % PAGE_BYTES)
}

function pageAbove(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES
}
