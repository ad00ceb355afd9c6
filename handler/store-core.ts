import { createHash } from 'node:crypto'
import type { Config } from '../config/config.ts'
import type { Sink } from '../storage/object-store.ts'
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
}

/** Compresses the core into `folder` as it arrives. Nothing touches the node's disk. Rejects if nothing was stored. */
export async function storeCore(
  { core, observed }: Pick<Crash, 'core' | 'observed'>,
  folder: string,
  { compression, limits }: Pick<Config, 'compression' | 'limits'>,
  sink: Sink,
): Promise<StoredCore> {
  const codec = blockCodec(compression)
  const key = `${folder}/core${codec.suffix}`
  const bound = storedBoundBytes({ ...observed, ...core.head, limitBytes: limits.maxCoreBytes }, compression)
  const digest = new Digest()
  await sink.put(key, digest.pass(codec.encode(core.blocks(BLOCKS_AHEAD))), bound)
  return { key, url: sink.location(key), storedBytes: digest.bytes, sha256: digest.hex() }
}

/** Counts and hashes what passes. */
class Digest {
  readonly #hash = createHash('sha256')
  bytes = 0

  async *pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk)
      this.bytes += chunk.length
      yield chunk
    }
  }

  hex(): string {
    return this.#hash.digest('hex')
  }
}
