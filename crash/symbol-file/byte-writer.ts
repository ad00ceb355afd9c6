const FIRST_BYTES = 1024

/** Bytes that are put together one number after the other, little-endian as all that we read. */
export class ByteWriter {
  #bytes = Buffer.alloc(FIRST_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  bytes(piece: Uint8Array): this {
    const at = this.#grow(piece.length)
    this.#bytes.set(piece, at)
    return this
  }

  unsigned(value: number, sizeBytes: 1 | 2 | 4): this {
    const at = this.#grow(sizeBytes)
    this.#bytes.writeUIntLE(value, at, sizeBytes)
    return this
  }

  long(value: bigint): this {
    const at = this.#grow(8)
    this.#bytes.writeBigUInt64LE(value, at)
    return this
  }

  /** An unsigned LEB128. */
  uleb(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.unsigned((rest % 0x80) | 0x80, 1)
    return this.unsigned(rest, 1)
  }

  /** With the NUL that ends it. */
  text(text: string): this {
    return this.bytes(Buffer.from(text)).unsigned(0, 1)
  }

  /** Zeros up to the next multiple of `alignment`. */
  align(alignment: number): this {
    const over = this.#length % alignment
    return over === 0 ? this : this.bytes(Buffer.alloc(alignment - over))
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Where the next `bytes` go. */
  #grow(bytes: number): number {
    const at = this.#length
    this.#length += bytes
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, 2 * this.#bytes.length))
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    return at
  }
}
