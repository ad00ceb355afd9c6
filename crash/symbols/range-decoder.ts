const TOP = 2 ** 24
const [PROBABILITY_BITS, LEARNING_BITS] = [11, 5]
const BEGINNING_BYTES = 5

/** Even odds for `count` bits. */
export function evenOdds(count: number): Uint16Array {
  return new Uint16Array(count).fill(1 << (PROBABILITY_BITS - 1))
}

/** The bits of a piece of LZMA, each by its odds, which it changes. Behind the end all bytes are 0. */
export class RangeDecoder {
  readonly #bytes: Buffer
  #at = BEGINNING_BYTES
  #range = 0xffffffff
  #code: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#code = bytes.length < BEGINNING_BYTES ? 0 : bytes.readUInt32BE(1)
  }

  bit(odds: Uint16Array, index: number): 0 | 1 {
    this.#refill()
    const probability = odds[index]!
    const bound = (this.#range >>> PROBABILITY_BITS) * probability
    if (this.#code < bound) {
      this.#range = bound
      odds[index] = probability + (((1 << PROBABILITY_BITS) - probability) >>> LEARNING_BITS)
      return 0
    }
    this.#range -= bound
    this.#code -= bound
    odds[index] = probability - (probability >>> LEARNING_BITS)
    return 1
  }

  /** A number of `bits`, the highest first; each bit has odds by those before it, from `base` on. */
  number(odds: Uint16Array, base: number, bits: number): number {
    let node = 1
    for (let left = bits; left > 0; left -= 1) node = node * 2 + this.bit(odds, base + node)
    return node - (1 << bits)
  }

  /** The same, the lowest first. */
  reversedNumber(odds: Uint16Array, base: number, bits: number): number {
    let [node, value] = [1, 0]
    for (let place = 0; place < bits; place += 1) {
      const bit = this.bit(odds, base + node)
      node = node * 2 + bit
      value |= bit << place
    }
    return value
  }

  /** A number of `bits` with even odds. */
  evenNumber(bits: number): number {
    let value = 0
    for (let left = bits; left > 0; left -= 1) {
      this.#refill()
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = value * 2 + bit
    }
    return value
  }

  #refill(): void {
    if (this.#range >= TOP) return
    this.#range = (this.#range * 256) >>> 0
    this.#code = ((this.#code * 256) >>> 0) + (this.#bytes[this.#at] ?? 0)
    this.#at += 1
  }
}
