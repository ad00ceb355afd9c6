import type { Memory } from '../../../crash/image/memory.ts'

/** A piece of memory as test/fixtures/why/record-memory.py writes it: bytes in hexadecimal, and zeros after them. */
export interface Piece {
  readonly address: string
  readonly bytes: string
  readonly zeros?: number
}

/** A memory of which no more is at hand than these. */
export function memoryOf(pieces: readonly Piece[]): Memory {
  const ranges = pieces.map(({ address, bytes, zeros = 0 }) => ({
    start: BigInt(address),
    content: Buffer.concat([Buffer.from(bytes, 'hex'), Buffer.alloc(zeros)]),
  }))
  return {
    read: (address, lengthBytes) => {
      const range = ranges.find(
        ({ start, content }) =>
          address >= start && address + BigInt(lengthBytes) <= start + BigInt(content.length),
      )
      if (range === undefined) return null
      const at = Number(address - range.start)
      return range.content.subarray(at, at + lengthBytes)
    },
  }
}
