import { CompressedBlock } from './compressed-block.ts'
import { BLOCK_BYTES } from './core-stream.ts'

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

  /** What a block becomes for which {@link isZeroBlock}. */
  async compressed(block: Buffer): Promise<CompressedBlock> {
    this.#compressed ??= this.#compress(block).then(({ chunks }) => Buffer.concat(chunks))
    // A copy, because its reader gives the memory back.
    return new CompressedBlock(BLOCK_BYTES, [Uint8Array.from(await this.#compressed)])
  }
}

/** Of a core's last block, which is shorter, it does not matter. */
export function isZeroBlock(block: Buffer): boolean {
  if (block.length !== BLOCK_BYTES) return false
  // Most blocks that are not zero say so in their first bytes.
  return block.readBigUInt64LE(0) === 0n && block[BLOCK_BYTES >> 1] === 0 && block.equals(zeroMemory())
}

let memory: Buffer | undefined
function zeroMemory(): Buffer {
  memory ??= Buffer.alloc(BLOCK_BYTES)
  return memory
}
