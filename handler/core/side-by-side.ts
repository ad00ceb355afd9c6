import { COMPRESSING_THREADS } from './threads.ts'

/** How many blocks may be on their way at once. */
export const BLOCKS_AHEAD = COMPRESSING_THREADS + 1

/**
 * Compresses ahead of the reader, and gives the results in order, whose memory is the reader's. That of a block
 * is given back once it is compressed.
 */
export async function* sideBySide<T>(
  blocks: AsyncIterable<Buffer>,
  compress: (block: Buffer) => Promise<T>,
  giveBack: (block: Buffer) => void,
): AsyncGenerator<T> {
  const underWay: Promise<T>[] = []
  try {
    for await (const block of blocks) {
      underWay.push(handled(compress(block).finally(() => giveBack(block))))
      if (underWay.length === BLOCKS_AHEAD) yield* passing(underWay.shift())
    }
    while (underWay.length > 0) yield* passing(underWay.shift())
  } finally {
    // The blocks' memory is not ours to leave while a thread still reads it.
    await Promise.allSettled(underWay)
  }
}

async function* passing<T>(result: Promise<T> | undefined): AsyncGenerator<T> {
  const block = await result
  if (block !== undefined) yield block
}

/** A failure is met when its turn comes to be yielded; until then Node must not take it for unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
