import { BLOCK_BYTES, zeroBlock } from './block.ts'
import type { Encoding, Packed } from './encoding.ts'

/** `packed`, with a block of zeros, as `zeros` makes it, for each that is left out. Only whole ones are. */
export async function* withoutLeftOut<T extends Packed>(
  packed: AsyncIterable<T>,
  isLeftOut: Encoding['isLeftOut'],
  zeros: (block: Buffer) => Promise<T>,
): AsyncGenerator<T> {
  let offset = 0
  for await (const one of packed) {
    const { sourceBytes } = one.piece
    const isZero = sourceBytes === BLOCK_BYTES && isLeftOut(offset, sourceBytes)
    offset += sourceBytes
    if (isZero) one.piece.release()
    yield isZero ? await zeros(zeroBlock()) : one
  }
}
