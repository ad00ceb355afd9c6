import { crc32 } from 'node:zlib'

/** CRC-32 of a core, joined of those of its blocks: zlib's crc32_combine(), which Node does not have. */
export class Checksum {
  #value = 0

  get value(): number {
    return this.#value
  }

  /** `crc32` is that of the `sizeBytes` that follow. */
  add(crc32: number, sizeBytes: number): void {
    this.#value = (afterZeros(this.#value, sizeBytes) ^ crc32) >>> 0
  }
}

/**
 * What zero bytes make of the checksum before them, but for a constant, which those that follow have as well.
 * Over GF(2) that is a matrix: what becomes of each bit, the lowest one first.
 */
type Matrix = Uint32Array

/** That of one zero byte, of two, of four and so on, as far as they were needed. */
const DOUBLING: Matrix[] = []

function afterZeros(checksum: number, zeros: number): number {
  let value = checksum
  if (value === 0) return 0
  for (let left = zeros, power = 0; left > 0; left = Math.floor(left / 2), power += 1)
    if (left % 2 === 1) value = times(matrixOf(power), value)
  return value
}

function matrixOf(power: number): Matrix {
  for (let known = DOUBLING.length; known <= power; known += 1) {
    const half = DOUBLING[known - 1]
    DOUBLING.push(half === undefined ? oneZero() : half.map(bits => times(half, bits)))
  }
  return DOUBLING[power] as Matrix
}

function oneZero(): Matrix {
  const zero = Buffer.alloc(1)
  const constant = crc32(zero)
  return Uint32Array.from({ length: 32 }, (_, bit) => crc32(zero, 2 ** bit) ^ constant)
}

function times(matrix: Matrix, bits: number): number {
  let sum = 0
  for (let bit = 0, left = bits; left !== 0; bit += 1, left >>>= 1) if (left & 1) sum ^= matrix[bit] ?? 0
  return sum >>> 0
}
