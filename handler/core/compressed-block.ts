import type { Transform } from 'node:stream'
import { constants, createDeflateRaw, createZstdCompress } from 'node:zlib'
import { BLOCK_BYTES } from './block.ts'

// As large as a block's largest result, so that zlib fills one buffer: what cannot be compressed grows by
// five bytes in 16 KiB (deflate's stored blocks). Memory that is not written to costs nothing.
const OUTPUT_BYTES = BLOCK_BYTES + BLOCK_BYTES / 256

/** Takes memory back, which another thread may have had meanwhile. */
type Lender = (memory: Uint8Array) => void

/** What a block became. */
export class CompressedBlock {
  /** Before. */
  readonly sourceBytes: number
  readonly chunks: readonly Uint8Array[]
  /** Whose the memory is, once it is released; `null`: nobody's, it is freed. */
  readonly lender: Lender | null

  constructor(sourceBytes: number, chunks: readonly Uint8Array[], lender: Lender | null = null) {
    this.sourceBytes = sourceBytes
    this.chunks = chunks
    this.lender = lender
  }

  /** What belongs to the stream, and to no block: its beginning or its end. */
  static of(bytes: Uint8Array): CompressedBlock {
    return new CompressedBlock(0, [bytes])
  }

  get storedBytes(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0)
  }

  /** Memory of its own; none where it lies in that of a lender, who knows of it. */
  get ownBytes(): number {
    return this.lender === null ? this.storedBytes : 0
  }

  /**
   * Gives the memory back at once. The garbage collector would let some 70 MiB pile up, on a node where
   * something has just crashed, often for want of memory.
   */
  release(): void {
    if (this.lender === null) this.#free()
    else for (const chunk of this.chunks) this.lender(chunk)
  }

  #free(): void {
    for (const buffer of new Set(this.chunks.map(chunk => chunk.buffer))) {
      if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
    }
  }
}

/** `block` as a piece of a raw deflate stream that ends on a byte boundary, so that pieces can be joined. */
export function deflateBlock(block: Buffer, level: number): Promise<CompressedBlock> {
  const { Z_SYNC_FLUSH } = constants
  // A larger hash table than zlib's own 8: level 1 is 15 % faster on a heap with it, for 0.4 % more bytes.
  const memLevel = 9
  return run(createDeflateRaw({ level, memLevel, finishFlush: Z_SYNC_FLUSH, chunkSize: OUTPUT_BYTES }), block)
}

// What level 8 uses. Level 9 by itself takes twice that of each thread, and makes 0.4 % less.
const { ZSTD_c_windowLog, ZSTD_c_hashLog, ZSTD_c_chainLog } = constants
const TABLES_OF_9 = { [ZSTD_c_windowLog]: 21, [ZSTD_c_hashLog]: 20, [ZSTD_c_chainLog]: 19 }

/** `block` as a zstd frame of its own, which says how much it holds. */
export function zstdBlock(block: Buffer, level: number): Promise<CompressedBlock> {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants
  const tables = level === 9 ? TABLES_OF_9 : {}
  const params = { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1, ...tables }
  const pledgedSrcSize = block.length
  return run(createZstdCompress({ params, pledgedSrcSize, chunkSize: OUTPUT_BYTES }), block)
}

// Not zlib's one-shot functions: they join the two pieces that a flush makes into a copy, and leave the
// large buffer, of which little was used, to the garbage collector.
async function run(engine: Transform, block: Buffer): Promise<CompressedBlock> {
  const chunks: Uint8Array[] = []
  engine.end(block)
  for await (const chunk of engine) chunks.push(chunk)
  return new CompressedBlock(block.length, chunks)
}
