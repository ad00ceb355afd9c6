import type { Compression, Config } from '../../config/config.ts'
import { type Routing, wantsMd5 } from '../../notify/routing.ts'
import type { Sink } from '../../storage/object-store.ts'
import type { Failover, PutOutcome } from '../../storage/parts/failover.ts'
import type { Capture } from '../capture.ts'
import { blockCodec } from './block-codec.ts'
import { type CoreSize, storedBoundBytes } from './bound.ts'
import { type Digest, DigestHere, type HashName } from './digest.ts'
import { DigestThread } from './digest-thread.ts'
import { type Passed, passingCore } from './passing-core.ts'
import { type OpenScrub, ScrubbedBlocks } from './scrubbed-blocks.ts'

/** Where a core is, and what the compression left of it. */
export interface StoredCore extends Passed {
  /** Below `StoreDir`. */
  readonly key: string
  readonly url: string
  /** Whether it was seen in the store, of that size. Absent: the store does not have all of it yet. */
  readonly checked?: boolean
}

type Storing = Pick<Config, 'compression' | 'compressionLevel' | 'limits'> & Routing

/** The key of a crash's core, below `StoreDir`. */
export function coreKey(folder: string, compression: Compression): string {
  return `${folder}/core${blockCodec(compression).suffix}`
}

/** What happens to a core beside being stored. */
export interface Beside {
  readonly failover: Failover
  /** See {@link Passing}. */
  readonly isHurried: () => boolean
  /** What blanks the core; `null`: it is kept as it is. */
  readonly scrub: Promise<OpenScrub> | null
  /** Called when the last byte is known, before the store has it. */
  readonly onEnd: (stored: StoredCore) => Promise<void>
}

/**
 * Compresses the core into `folder` as it arrives. Nothing touches the node's disk, unless the store fails.
 * Rejects if nothing was kept.
 */
export async function storeCore(
  { core, observed, file }: Pick<Capture, 'core' | 'observed' | 'file'>,
  folder: string,
  { compression, compressionLevel, limits, ...routing }: Storing,
  sink: Sink,
  { failover, isHurried, scrub, onEnd }: Beside,
): Promise<{ readonly stored: StoredCore; readonly outcome: PutOutcome }> {
  const key = coreKey(folder, compression)
  const size = { ...observed, ...core.head, ...file, limitBytes: limits.maxCoreBytes }
  const ended = Promise.withResolvers<StoredCore>()
  const body = passingCore(core, {
    compression,
    compressionLevel,
    isHurried,
    scrubbing: new ScrubbedBlocks(scrub),
    openDigest: () => openDigest(size, hashesFor(routing)),
    onEnd: async passed => {
      const stored = { key, url: sink.location(key), ...passed }
      await onEnd(stored)
      ended.resolve(stored)
    },
  })
  const outcome = await sink.put(key, body, storedBoundBytes(size, compression), failover)
  const stored = await ended.promise
  return {
    stored: outcome === 'failed over' ? stored : { ...stored, checked: outcome === 'stored' },
    outcome,
  }
}

// To begin a thread takes as long as to hash so much.
const LARGE_BYTES = 32 * 2 ** 20

function openDigest({ endBytes = 0 }: CoreSize, names: readonly HashName[]): Digest {
  return endBytes > LARGE_BYTES ? new DigestThread(names) : new DigestHere(names)
}

/** MD5 is what the original CoreDog gave to the programs after it. */
function hashesFor(routing: Routing): HashName[] {
  return wantsMd5(routing) ? ['sha256', 'md5'] : ['sha256']
}
