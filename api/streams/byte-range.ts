/** Bytes of an object, both ends among them. */
export interface ByteRange {
  readonly firstByte: number
  readonly lastByte: number
}

export function lengthOf({ firstByte, lastByte }: ByteRange): number {
  return lastByte - firstByte + 1
}

/**
 * What a `Range` header asks for of an object; `null`: all of it, as of a header that is none or asks for several
 * ranges, which RFC 9110 lets a server ignore.
 */
export function rangeIn(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = ONE_RANGE.exec(header ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') return suffix(Number(last), sizeBytes)
  const range = { firstByte: Number(first), lastByte: last === '' ? sizeBytes - 1 : Number(last) }
  if (last !== '' && range.lastByte < range.firstByte) return null
  if (range.firstByte >= sizeBytes) return 'unsatisfiable'
  return { ...range, lastByte: Math.min(range.lastByte, sizeBytes - 1) }
}

// As many digits as a safe integer has.
const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/i

function suffix(lengthBytes: number, sizeBytes: number): ByteRange | 'unsatisfiable' {
  if (lengthBytes === 0 || sizeBytes === 0) return 'unsatisfiable'
  return { firstByte: Math.max(0, sizeBytes - lengthBytes), lastByte: sizeBytes - 1 }
}
