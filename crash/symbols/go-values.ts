/**
 * A table of Go that gives a value to each instruction of a function (runtime.pcvalue): differences of the
 * value, in zigzag, and of the address, each in LEB128, the first value after -1.
 */
export interface GoValues {
  readonly bytes: Buffer
  /** Instructions are as long as that at least. */
  readonly quantumBytes: number
}

/**
 * The value at `at`, relative to where the function begins; `null`: there is none. It is read without a
 * {@link Cursor}, whose exact numbers took ten times as long.
 */
export function goValueAt({ bytes, quantumBytes }: GoValues, at: number): number | null {
  let [value, end, place] = [-1, 0, 0]
  const number = () => {
    let [read, scale, byte] = [0, 1, 0]
    do {
      byte = bytes[place] ?? 0
      place += 1
      read += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return read
  }
  while (place < bytes.length) {
    const [isFirst, change, length] = [place === 0, number(), number()]
    // A difference of 0 ends the table, but for the first.
    if (place > bytes.length || (change === 0 && !isFirst)) return null
    value += change % 2 === 0 ? change / 2 : -(change + 1) / 2
    end += length * quantumBytes
    if (at < end) return value
  }
  return null
}
