import { crc32 } from 'node:zlib'
import { BLOCK_BYTES } from './block.ts'

/** CRC-32 of a core, to which a block of zeros can be added without reading it. */
export class Checksum {
  #value = 0
  #zeroBlock: Zeros | undefined

  get value(): number {
    return this.#value
  }

  add(block: Buffer): void {
    this.#value = crc32(block, this.#value)
  }

  addZeroBlock(): void {
    this.#zeroBlock ??= zeros(BLOCK_BYTES)
    this.#value = after(this.#zeroBlock, this.#value)
  }
}

/**
 * What so many zeros make of the checksum before them. Over GF(2) that is a matrix and a constant, whatever
 * their number; zlib's crc32_combine() is made of the same.
 */
interface Zeros {
  /** What becomes of each bit, the lowest one first. */
  readonly matrix: Uint32Array
  readonly constant: number
}

/** `sizeBytes` is a power of two. */
function zeros(sizeBytes: number): Zeros {
  let some = oneZero()
  for (let bytes = 1; bytes < sizeBytes; bytes *= 2) some = twice(some)
  return some
}

function oneZero(): Zeros {
  const zero = Buffer.alloc(1)
  const constant = crc32(zero)
  const matrix = Uint32Array.from({ length: 32 }, (_, bit) => crc32(zero, 2 ** bit) ^ constant)
  return { matrix, constant }
}

function twice(some: Zeros): Zeros {
  return { matrix: some.matrix.map(bits => times(some.matrix, bits)), constant: after(some, some.constant) }
}

function after({ matrix, constant }: Zeros, checksum: number): number {
  return (times(matrix, checksum) ^ constant) >>> 0
}

function times(matrix: Uint32Array, bits: number): number {
  return matrix.reduce((sum, column, bit) => ((bits >>> bit) & 1 ? sum ^ column : sum), 0)
}
