import { BLOCK_BYTES } from './block.ts'
import { CompressedBlock } from './compressed-block.ts'

/**
 * Pipes have no holes, so the kernel writes memory that was never touched as zeros: often most of a core.
 * A whole block of them is compressed once.
 */
export class ZeroBlock {
  readonly #compress: (block: Buffer) => Promise<CompressedBlock>
  #compressed: Promise<Uint8Array> | undefined

  constructor(compress: (block: Buffer) => Promise<CompressedBlock>) {
    this.#compress = compress
  }

  /** What a block becomes for which isZeroBlock(). */
  async compressed(block: Buffer): Promise<CompressedBlock> {
    this.#compressed ??= this.#compress(block).then(({ chunks }) => Buffer.concat(chunks))
    // A copy, because its reader gives the memory back.
    return new CompressedBlock(BLOCK_BYTES, [Uint8Array.from(await this.#compressed)])
  }
}
