import type { ObjectInfo } from '../../storage/object-store.ts'
import type { Bytes } from '../../storage/parts/bytes.ts'
import type { PutOutcome } from '../../storage/parts/failover.ts'
import { MemoryBinaries } from '../fakes/memory-sink.ts'

/** A store in memory that counts what it is asked for, and refuses one key. */
export class CountingStore extends MemoryBinaries {
  /** Listings that were begun. */
  listings = 0
  refused: string | null = null

  override async put(key: string, body: Bytes): Promise<PutOutcome> {
    this.#admit(key)
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    this.objects.set(key, Buffer.concat(chunks))
    return 'stored'
  }

  override async *list(prefix: string, after = ''): AsyncGenerator<ObjectInfo, void, void> {
    this.listings += 1
    yield* super.list(prefix, after)
  }

  async remove(key: string): Promise<void> {
    this.#admit(key)
    this.objects.delete(key)
  }

  #admit(key: string): void {
    if (key === this.refused) throw new Error('403 Forbidden')
  }
}
