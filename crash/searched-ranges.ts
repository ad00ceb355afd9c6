import { backtraceRanges, knowsStacks } from './backtrace-ranges.ts'
import { type CoreHead, segmentAt } from './core-head.ts'
import { type CoreRange, endOfRange, merged } from './core-range.ts'
import { PT_LOAD, PT_NOTE } from './elf.ts'

/** Of arguments and environment Linux allows a quarter of the limit of the stack: 2 MiB of the usual 8. */
const MOST_ARGUMENT_BYTES = 2 * 1024 * 1024

/** `stacks`: what a backtrace needs, and the environment; 34 MiB at the most. Where that is unknown it is `all`, too. */
export type Searched = 'stacks' | 'all'

/**
 * What of a core is looked through for values that begin there, of `longestBytes` at the most, in order and apart from
 * each other. Not its header and its table of segments, without which nothing can be found in it.
 */
export function searchedRanges(
  head: CoreHead | null,
  searched: Searched,
  longestBytes: number,
): readonly CoreRange[] {
  const from = head === null ? 0 : endOfTable(head)
  if (head === null || searched === 'all' || !knowsStacks(head))
    return [{ offset: from, lengthBytes: Number.POSITIVE_INFINITY }]
  const ranges = [...backtraceRanges(head), ...environmentOf(head)]
  return merged(ranges.map(range => behind(from, begunBefore(longestBytes, range)))).filter(
    ({ lengthBytes }) => lengthBytes > 0,
  )
}

/** The notes follow it, and then the memory. */
function endOfTable({ segments, endBytes }: CoreHead): number {
  return segments
    .filter(({ type }) => type === PT_NOTE || type === PT_LOAD)
    .reduce((least, { fileOffset }) => Math.min(least, fileOffset), endBytes)
}

/** Variables are written above the arguments, both at the end of their segment. */
function environmentOf(head: CoreHead): readonly CoreRange[] {
  const segment = head.programPath === undefined ? undefined : segmentAt(head, head.programPath)
  if (segment === undefined) return []
  const lengthBytes = Math.min(segment.fileBytes, MOST_ARGUMENT_BYTES)
  return [{ offset: segment.fileOffset + segment.fileBytes - lengthBytes, lengthBytes }]
}

/** What begins before a range may reach into it. */
function begunBefore(longestBytes: number, { offset, lengthBytes }: CoreRange): CoreRange {
  const before = Math.max(0, longestBytes - 1)
  return { offset: offset - before, lengthBytes: lengthBytes + before }
}

function behind(from: number, range: CoreRange): CoreRange {
  const offset = Math.max(from, range.offset)
  return { offset, lengthBytes: Math.max(0, endOfRange(range) - offset) }
}
