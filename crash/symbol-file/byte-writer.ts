/** Bytes that are put together one number after the other, little-endian as all that we read. */
export class ByteWriter {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  bytes(piece: Uint8Array): this {
    this.#pieces.push(piece)
    this.#length += piece.length
    return this
  }

  unsigned(value: number, sizeBytes: 1 | 2 | 4): this {
    const piece = Buffer.alloc(sizeBytes)
    piece.writeUIntLE(value, 0, sizeBytes)
    return this.bytes(piece)
  }

  long(value: bigint): this {
    const piece = Buffer.alloc(8)
    piece.writeBigUInt64LE(value)
    return this.bytes(piece)
  }

  /** An unsigned LEB128 of one byte. */
  small(value: number): this {
    return this.unsigned(value & 0x7f, 1)
  }

  /** With the NUL that ends it. */
  text(text: string): this {
    return this.bytes(Buffer.from(`${text}\0`))
  }

  /** Zeros up to the next multiple of `alignment`. */
  align(alignment: number): this {
    const over = this.#length % alignment
    return over === 0 ? this : this.bytes(Buffer.alloc(alignment - over))
  }

  done(): Buffer {
    return Buffer.concat(this.#pieces, this.#length)
  }
}
