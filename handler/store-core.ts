import { createHash } from 'node:crypto'
import type { Sink } from '../storage/object-store.ts'
import { BLOCKS_AHEAD, type BlockCodec } from './block-codec.ts'
import type { CoreStream } from './core-stream.ts'

export interface StoredCore {
  readonly key: string
  readonly storedBytes: number
  readonly sha256: string
}

/** Compresses `core` into `sink` as it arrives. Nothing touches the node's disk. Rejects if nothing was stored. */
export async function storeCore(
  core: CoreStream,
  codec: BlockCodec,
  sink: Sink,
  folder: string,
  boundBytes: number,
): Promise<StoredCore> {
  const key = `${folder}/core${codec.suffix}`
  const digest = new Digest()
  await sink.put(key, digest.pass(codec.encode(core.blocks(BLOCKS_AHEAD))), boundBytes)
  return { key, storedBytes: digest.bytes, sha256: digest.hex() }
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
