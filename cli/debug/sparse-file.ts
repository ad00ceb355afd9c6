import { type FileHandle, open } from 'node:fs/promises'

const BLOCK_BYTES = 64 * 1024
const ZEROS = Buffer.alloc(BLOCK_BYTES)

/** Writes a new file of which blocks of zeros take no room: the untouched memory of a core is most of many. */
export class SparseFile {
  readonly #file: FileHandle
  #sizeBytes = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(name: string): Promise<SparseFile> {
    return new SparseFile(await open(name, 'wx', 0o600))
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const end = endOfKind(bytes, at)
      const isZero = isZeroBlock(bytes, at)
      if (!isZero) await this.#writeAll(bytes.subarray(at, end))
      this.#sizeBytes += end - at
      at = end
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#sizeBytes + at)
      at += bytesWritten
    }
  }

  /** With the zeros at its end. */
  async close(): Promise<void> {
    try {
      await this.#file.truncate(this.#sizeBytes)
    } finally {
      await this.#file.close()
    }
  }
}

/** Where the blocks of zeros, or the others, that begin at `at` end. */
function endOfKind(bytes: Uint8Array, at: number): number {
  const isZero = isZeroBlock(bytes, at)
  let end = at
  while (end < bytes.length && isZeroBlock(bytes, end) === isZero) end += BLOCK_BYTES
  return Math.min(end, bytes.length)
}

function isZeroBlock(bytes: Uint8Array, at: number): boolean {
  const block = bytes.subarray(at, at + BLOCK_BYTES)
  return ZEROS.compare(block, 0, block.length, 0, block.length) === 0
}
