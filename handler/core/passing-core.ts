import type { Compression } from '../../config/config.ts'
import { Ahead, type Room } from './ahead.ts'
import { BLOCK_BYTES } from './block.ts'
import { blockCodec } from './block-codec.ts'
import type { CoreStream } from './core-stream.ts'
import type { Digest, Hashes } from './digest.ts'
import type { Packed } from './encoding.ts'
import { Garbage } from './garbage.ts'
import type { Scrubbed, ScrubbedBlocks } from './scrubbed-blocks.ts'

/** What passed on the way to the store: its size, and hashes of it. */
export interface Passed extends Hashes, Scrubbed {
  readonly storedBytes: number
}

/** How a core is made ready for the store. */
export interface Passing {
  readonly compression: Compression
  readonly compressionLevel: number
  /** Whether the process will be held too long if its core goes on passing as it does. */
  readonly isHurried: () => boolean
  readonly scrubbing: ScrubbedBlocks
  /** Called when the store reads. One that was opened before, of a store that never reads, would never be closed. */
  readonly openDigest: () => Digest
  /** Called when the last byte has passed. What it rejects with, the store gets as the end of the core. */
  readonly onEnd: (passed: Passed) => Promise<void>
}

/** The core as it goes to the store: compressed, counted and hashed as it passes, once. */
export async function* passingCore(
  core: Streamed,
  { compression, compressionLevel, isHurried, scrubbing, openDigest, onEnd }: Passing,
): AsyncGenerator<Uint8Array> {
  const digest = openDigest()
  const garbage = new Garbage()
  const waiting: Pick<Ahead<Packed>, 'isFilled' | 'leave'>[] = []
  const giveBack = (block: Uint8Array) => core.giveBack(block)
  const encoded = blockCodec(compression).encode(scrubbing.of(core.blocks(), giveBack), {
    level: compressionLevel,
    giveBack,
    // A store that is behind would be more so.
    isHurried: () => isHurried() && !waiting.some(({ isFilled }) => isFilled),
    ahead: <T extends Packed>(packed: AsyncIterable<T>) => {
      const ahead = new Ahead<T>(packed, roomIn(core))
      waiting.push(ahead)
      ahead.begin()
      return ahead
    },
    isLeftOut: (offset, sizeBytes) => core.leaveOut(offset, sizeBytes),
  })
  let storedBytes = 0
  try {
    for await (const block of encoded) {
      storedBytes += block.storedBytes
      yield* block.chunks
      await digest.add(block)
      garbage.passed(block.sourceBytes)
    }
    await onEnd({ storedBytes, ...(await digest.end()), ...scrubbing.result })
  } finally {
    digest.close()
    // First, or what is under way would wait for the pipe.
    await core.leave()
    for (const ahead of waiting) await ahead.leave()
  }
}

type Streamed = Pick<CoreStream, 'blocks' | 'giveBack' | 'leave' | 'leaveOut' | 'backlog' | 'isBehind'>

/** Compressed, what was read takes less room: so that much there always is. */
function roomIn(core: Streamed): Room<Packed> {
  return {
    hasRoom: () => core.isBehind || core.backlog.isReadOut || core.backlog.hasRoomFor(BLOCK_BYTES),
    add: ({ piece }) => core.backlog.add(piece.ownBytes),
    remove: ({ piece }) => core.backlog.remove(piece.ownBytes),
    drop: ({ piece }) => {
      core.backlog.remove(piece.ownBytes)
      piece.release()
    },
  }
}
