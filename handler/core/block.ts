/**
 * Big enough that libuv's threads are busy with one block for a while, and that a compressor which
 * forgets everything between blocks loses under 1 %; small enough that a handful of them is no burden.
 */
export const BLOCK_BYTES = 4 * 1024 * 1024

let zeros: Buffer | undefined

/** One for all, and no more than its address: nobody has written to it. */
export function zeroBlock(): Buffer {
  zeros ??= Buffer.alloc(BLOCK_BYTES)
  return zeros
}

/** Of a core's last block, which is shorter, it does not matter. */
export function isZeroBlock(block: Buffer): boolean {
  if (block.length !== BLOCK_BYTES) return false
  if (block === zeros) return true
  // Most blocks that are not zero say so in their first bytes.
  return block.readBigUInt64LE(0) === 0n && block[BLOCK_BYTES >> 1] === 0 && block.equals(zeroBlock())
}
