/**
 * Reads DWARF from its beginning on. A number that is not all there is 0, and {@link isCut} says so from then
 * on: its reader asks once, at the end.
 */
export class Cursor {
  readonly #bytes: Buffer
  readonly #address: bigint
  #at = 0
  #isCut = false

  /** `address`: of the first byte, in whatever its numbers are relative to. */
  constructor(bytes: Buffer, address = 0n) {
    this.#bytes = bytes
    this.#address = address
  }

  get isCut(): boolean {
    return this.#isCut
  }

  get isAtEnd(): boolean {
    return this.#isCut || this.#at >= this.#bytes.length
  }

  get address(): bigint {
    return this.#address + BigInt(this.#at)
  }

  /** A number of 1, 2 or 4 bytes. */
  unsigned(sizeBytes: 1 | 2 | 4): number {
    const at = this.#pass(sizeBytes)
    return at === null ? 0 : this.#bytes.readUIntLE(at, sizeBytes)
  }

  long(): bigint {
    const at = this.#pass(8)
    return at === null ? 0n : this.#bytes.readBigUInt64LE(at)
  }

  /** An unsigned LEB128. */
  uleb(): bigint {
    return BigInt.asUintN(64, this.#leb().value)
  }

  /** A signed LEB128. */
  sleb(): bigint {
    const { value, bits } = this.#leb()
    return BigInt.asIntN(64, BigInt.asIntN(bits, value))
  }

  /** An unsigned LEB128 that counts or numbers something; one above 2^53 is not exact any more. */
  count(): number {
    return Number(this.uleb())
  }

  take(lengthBytes: number): Buffer {
    const at = this.#pass(lengthBytes)
    return at === null ? Buffer.alloc(0) : this.#bytes.subarray(at, at + lengthBytes)
  }

  /** All that is left. */
  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at)
  }

  /** Goes on `bytes` further, or back where that is below 0. */
  skip(bytes: number): void {
    this.#pass(bytes)
  }

  /** Text up to a NUL. */
  text(): string {
    return this.textBytes().toString('latin1')
  }

  /** The same without making a string of it. */
  textBytes(): Buffer {
    const end = this.#bytes.indexOf(0, this.#at)
    const text = this.take((end === -1 ? this.#bytes.length : end) - this.#at)
    this.skip(1)
    return text
  }

  #leb(): { readonly value: bigint; readonly bits: number } {
    let [value, bits] = [0n, 0]
    for (;;) {
      const byte = this.unsigned(1)
      if (bits < LONGEST_LEB_BITS) value |= BigInt(byte & 0x7f) << BigInt(bits)
      bits = Math.min(bits + 7, LONGEST_LEB_BITS)
      if (byte < 0x80) return { value, bits }
    }
  }

  #pass(bytes: number): number | null {
    const at = this.#at
    const end = at + bytes
    this.#isCut ||= !(end >= 0 && end <= this.#bytes.length)
    if (this.#isCut) return null
    this.#at = end
    return at
  }
}

/** Of a number of 64 bits. One that is padded may have more bytes, which do not count. */
const LONGEST_LEB_BITS = 70
