import { createHash, type Hash } from 'node:crypto'
import type { Compression, Config } from '../config/config.ts'
import type { Sink } from '../storage/object-store.ts'
import type { PutOutcome, Rescue } from '../storage/rescue.ts'
import { BLOCKS_AHEAD, blockCodec } from './block-codec.ts'
import { storedBoundBytes } from './bound.ts'
import type { Crash } from './describe.ts'

/** Where a core is, and how much of it the compression left. */
export interface StoredCore {
  /** Below `StoreDir`. */
  readonly key: string
  readonly url: string
  readonly storedBytes: number
  /** Of what is stored, in hexadecimal. */
  readonly sha256: string
  /** As {@link sha256}, where somebody asks for it. */
  readonly md5?: string
}

type Storing = Pick<Config, 'compression' | 'compressionLevel' | 'limits' | 'coreSight' | 'customHandler'>

/** The key of a crash's core, below `StoreDir`. */
export function coreKey(folder: string, compression: Compression): string {
  return `${folder}/core${blockCodec(compression).suffix}`
}

/** What happens to a core beside being stored. */
export interface Beside {
  readonly rescue: Rescue
  /** Called when the last byte is known, before the store has it. */
  readonly onEnd: (stored: StoredCore) => Promise<void>
}

/** Compresses the core into `folder` as it arrives. Nothing touches the node's disk, unless the store fails. Rejects if nothing was kept. */
export async function storeCore(
  { core, observed, file }: Pick<Crash, 'core' | 'observed' | 'file'>,
  folder: string,
  { compression, compressionLevel, limits, coreSight, customHandler }: Storing,
  sink: Sink,
  { rescue, onEnd }: Beside,
): Promise<{ readonly stored: StoredCore; readonly outcome: PutOutcome }> {
  const codec = blockCodec(compression)
  const key = coreKey(folder, compression)
  const size = { ...observed, ...core.head, ...file, limitBytes: limits.maxCoreBytes }
  const bound = storedBoundBytes(size, compression)
  const digest = new Digest({ withMd5: coreSight.enabled || customHandler.enabled })
  const passed = Promise.withResolvers<StoredCore>()
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* digest.pass(codec.encode(core.blocks(BLOCKS_AHEAD), compressionLevel))
    const stored = { key, url: sink.location(key), storedBytes: digest.bytes, ...digest.hex() }
    await onEnd(stored)
    passed.resolve(stored)
  }
  const outcome = await sink.put(key, body(), bound, rescue)
  return { stored: await passed.promise, outcome }
}

/** Counts and hashes what passes. */
class Digest {
  readonly #sha256 = createHash('sha256')
  readonly #md5: Hash | null
  bytes = 0

  constructor({ withMd5 }: { readonly withMd5: boolean }) {
    this.#md5 = withMd5 ? createHash('md5') : null
  }

  async *pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#sha256.update(chunk)
      this.#md5?.update(chunk)
      this.bytes += chunk.length
      yield chunk
    }
  }

  hex(): Pick<StoredCore, 'sha256' | 'md5'> {
    const sha256 = this.#sha256.digest('hex')
    return this.#md5 === null ? { sha256 } : { sha256, md5: this.#md5.digest('hex') }
  }
}
