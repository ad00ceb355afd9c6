import type { Compression } from '../../config/config.ts'
import { BLOCKS_AHEAD, blockCodec } from './block-codec.ts'
import type { CoreStream } from './core-stream.ts'
import type { Digest, Hashes } from './digest.ts'
import { Garbage } from './garbage.ts'

/** What passed on the way to the store: its size, and hashes of it. */
export interface Passed extends Hashes {
  readonly storedBytes: number
}

/** How a core is made ready for the store. */
export interface Passing {
  readonly compression: Compression
  readonly compressionLevel: number
  /** Called when the store reads. One that was opened before, of a store that never reads, would never be closed. */
  readonly openDigest: () => Digest
  /** Called when the last byte has passed. What it rejects with, the store gets as the end of the core. */
  readonly onEnd: (passed: Passed) => Promise<void>
}

/** The core as it goes to the store: compressed, counted and hashed as it passes, once. */
export async function* passingCore(
  core: Pick<CoreStream, 'blocks'>,
  { compression, compressionLevel, openDigest, onEnd }: Passing,
): AsyncGenerator<Uint8Array> {
  const digest = openDigest()
  const garbage = new Garbage()
  let storedBytes = 0
  try {
    for await (const block of blockCodec(compression).encode(core.blocks(BLOCKS_AHEAD), compressionLevel)) {
      storedBytes += block.storedBytes
      yield* block.chunks
      await digest.add(block)
      garbage.passed(block.sourceBytes)
    }
    await onEnd({ storedBytes, ...(await digest.end()) })
  } finally {
    digest.close()
  }
}
