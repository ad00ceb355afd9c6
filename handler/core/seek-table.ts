const SKIPPABLE_MAGIC = 0x184d2a5e
const SEEKABLE_MAGIC = 0x8f92eab1
const HEADER_BYTES = 8
const ENTRY_BYTES = 8
const FOOTER_BYTES = 9
const FIRST_ENTRIES = 1024

/**
 * Where each frame of a zstd stream begins, in zstd's seekable format, so that a piece of a core can be read
 * without all that comes before it. Decoders that do not know it skip it.
 * https://github.com/facebook/zstd/blob/release/contrib/seekable_format/zstd_seekable_compression_format.md
 *
 * Without checksums: each frame ends with its own. Written as it grows, because a core of 1 TiB has 262,144
 * frames: 2 MiB here, and many times that as objects.
 */
export class SeekTable {
  #bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + FIRST_ENTRIES * ENTRY_BYTES + FOOTER_BYTES)
  #used = HEADER_BYTES

  add({ storedBytes, sourceBytes }: { readonly storedBytes: number; readonly sourceBytes: number }): void {
    this.#makeRoom()
    this.#used = this.#bytes.writeUInt32LE(storedBytes, this.#used)
    this.#used = this.#bytes.writeUInt32LE(sourceBytes, this.#used)
  }

  /** What ends the stream: a skippable frame. The table is its reader's from now on. */
  frame(): Uint8Array {
    const footerAt = this.#used
    const endsAt = footerAt + FOOTER_BYTES
    this.#bytes.writeUInt32LE(SKIPPABLE_MAGIC, 0)
    this.#bytes.writeUInt32LE(endsAt - HEADER_BYTES, 4)
    this.#bytes.writeUInt32LE((footerAt - HEADER_BYTES) / ENTRY_BYTES, footerAt)
    this.#bytes.writeUInt8(0, footerAt + 4)
    this.#bytes.writeUInt32LE(SEEKABLE_MAGIC, footerAt + 5)
    return this.#bytes.subarray(0, endsAt)
  }

  #makeRoom(): void {
    if (this.#used + ENTRY_BYTES + FOOTER_BYTES <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 * this.#bytes.length)
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}
