import { createHash, type Hash } from 'node:crypto'
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
  /** As {@link sha256}, where somebody asks for it. */
  readonly md5?: string
}

type Storing = Pick<Config, 'compression' | 'limits' | 'coreSight' | 'customHandler'>

/** Compresses the core into `folder` as it arrives. Nothing touches the node's disk. Rejects if nothing was stored. */
export async function storeCore(
  { core, observed, file }: Pick<Crash, 'core' | 'observed' | 'file'>,
  folder: string,
  { compression, limits, coreSight, customHandler }: Storing,
  sink: Sink,
): Promise<StoredCore> {
  const codec = blockCodec(compression)
  const key = `${folder}/core${codec.suffix}`
  const size = { ...observed, ...core.head, ...file, limitBytes: limits.maxCoreBytes }
  const bound = storedBoundBytes(size, compression)
  const digest = new Digest({ withMd5: coreSight.enabled || customHandler.enabled })
  await sink.put(key, digest.pass(codec.encode(core.blocks(BLOCKS_AHEAD))), bound)
  return { key, url: sink.location(key), storedBytes: digest.bytes, ...digest.hex() }
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
