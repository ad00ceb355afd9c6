import type { CoreStream } from './core-stream.ts'
import type { ReadPiece } from './lean-source.ts'

/** Pieces of a core as its blocks come. What is between them is read, and nobody's. */
export function passingPieces(core: Pick<CoreStream, 'blocks' | 'giveBack'>): ReadPiece {
  const blocks = core.blocks()
  let [block, at]: [Buffer | null, number] = [null, 0]
  return async ({ offset }, skip, into) => {
    const from = offset + skip
    while (block === null || at + block.length <= from) {
      if (block !== null) {
        at += block.length
        core.giveBack(block)
      }
      const { done, value } = await blocks.next()
      if (done) return 0
      block = value
    }
    return block.copy(into, 0, from - at)
  }
}
