import type { CompressedBlock } from './compressed-block.ts'
import { COMPRESSING_THREADS } from './threads.ts'

/** How many blocks may be on their way at once: the source of {@link sideBySide} must keep so many apart. */
export const BLOCKS_AHEAD = COMPRESSING_THREADS + 1

/**
 * Compresses ahead of the reader, and gives the results in order. A block's memory is its reader's until the
 * next one.
 */
export async function* sideBySide(
  blocks: AsyncIterable<Buffer>,
  compress: (block: Buffer) => Promise<CompressedBlock>,
): AsyncGenerator<CompressedBlock> {
  const underWay: Promise<CompressedBlock>[] = []
  try {
    for await (const block of blocks) {
      underWay.push(handled(compress(block)))
      if (underWay.length === BLOCKS_AHEAD) yield* passing(underWay.shift())
    }
    while (underWay.length > 0) yield* passing(underWay.shift())
  } finally {
    // The blocks' memory is not ours to leave while a thread still reads it.
    await Promise.allSettled(underWay)
  }
}

async function* passing(result: Promise<CompressedBlock> | undefined): AsyncGenerator<CompressedBlock> {
  const block = await result
  if (block === undefined) return
  yield block
  block.release()
}

/** A failure is met when its turn comes to be yielded; until then Node must not take it for unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
