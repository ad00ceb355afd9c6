import { Cursor } from '../unwind/cursor.ts'

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
  const cursor = new Cursor(bytes)
  let [value, end] = [-1, 0]
  while (!cursor.isAtEnd) {
    const [isFirst, change, length] = [cursor.address === 0n, cursor.count(), cursor.count()]
    // A difference of 0 ends the table, but for the first.
    if (cursor.isCut || (change === 0 && !isFirst)) return null
    value += change % 2 === 0 ? change / 2 : -(change + 1) / 2
    end += length * quantumBytes
    if (at < end) return value
  }
  return null
}
