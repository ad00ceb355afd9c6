/**
 * A table of Go that gives a value to each instruction of a function (runtime.pcvalue): differences of the
 * value, in zigzag, and of the address, each in LEB128, the first value after -1.
 */
export interface GoValues {
  readonly bytes: Buffer
  /** Instructions are as long as that at least. */
  readonly quantumBytes: number
}

/** The value at `at`, relative to where the function begins; `null`: there is none. */
export function goValueAt({ bytes, quantumBytes }: GoValues, at: number): number | null {
  let [value, end, position] = [-1, 0, 0]
  while (position < bytes.length) {
    const change = leb128(bytes, position)
    const length = leb128(bytes, change.end)
    if (change.value === 0 && position > 0) return null
    value += (change.value & 1) === 1 ? -(change.value >>> 1) - 1 : change.value >>> 1
    end += length.value * quantumBytes
    position = length.end
    if (at < end) return value
  }
  return null
}

function leb128(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let [value, bits, end] = [0, 0, at]
  while (end < bytes.length && bits < 35) {
    const byte = bytes[end]!
    value |= (byte & 0x7f) << bits
    bits += 7
    end += 1
    if (byte < 0x80) break
  }
  return { value: value >>> 0, end }
}
