import { type ByteRange, isRange } from '../read-options.ts'

/** What asks S3 for these bytes; nothing where all of it is wanted. */
export function rangeHeader(range: ByteRange): { readonly Range?: string } {
  return isRange(range) ? { Range: `bytes=${range.firstByte ?? 0}-${range.lastByte ?? ''}` } : {}
}

/** Whether an answer has the bytes from where they were asked for. What does not know ranges gives all of it. */
export function givesRange(range: ByteRange, contentRange = ''): boolean {
  return !isRange(range) || contentRange.startsWith(`bytes ${range.firstByte ?? 0}-`)
}
