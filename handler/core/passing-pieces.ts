import { BLOCK_BYTES } from './block.ts'
import type { CoreSource } from './core-source.ts'
import type { ReadPiece } from './lean-source.ts'

/** Pieces of a core as it passes by: `taken`, and then what comes. What is between them is read, and nobody's. */
export function passingPieces(taken: readonly Buffer[], pipe: Pick<CoreSource, 'fill'>): ReadPiece {
  const begun = [...taken]
  let at = 0
  const fill = async (block: Buffer): Promise<number> => {
    const bytes = begun[0]?.copy(block) ?? (await pipe.fill(block))
    if (begun[0] !== undefined) begun[0] = begun[0].subarray(bytes)
    if (begun[0]?.length === 0) begun.shift()
    at += bytes
    return bytes
  }
  let between: Buffer | undefined
  return async ({ offset }, skip, block) => {
    while (at < offset + skip) {
      between ??= Buffer.allocUnsafeSlow(BLOCK_BYTES)
      if ((await fill(between.subarray(0, offset + skip - at))) === 0) return 0
    }
    return fill(block)
  }
}
