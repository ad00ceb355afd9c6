import type { Readable } from 'node:stream'
import { symbolPlace } from '../../crash/symbol-file/symbol-place.ts'
import { NotFoundError } from '../../storage/errors.ts'
import { joined } from '../../storage/key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { SymbolSource } from './symbol-source.ts'

/** The symbols that `coredog-handler symbols upload` keeps below `prefix` of the store. */
export class StoredSymbols implements SymbolSource {
  readonly name: string
  readonly #store: Pick<ObjectStore, 'get' | 'location'>
  readonly #storeDir: string

  constructor(prefix: string, store: Pick<ObjectStore, 'get' | 'location'>, storeDir: string) {
    this.name = prefix
    this.#store = store
    this.#storeDir = storeDir
  }

  async find(buildId: string, signal: AbortSignal): Promise<Readable | null> {
    const key = this.#keyOf(buildId)
    if (key === null) return null
    try {
      return await this.#store.get(key, { signal })
    } catch (cause) {
      if (cause instanceof NotFoundError) return null
      throw cause
    }
  }

  async end(): Promise<void> {
    // Those of the store are of the core, too.
  }

  placeOf(buildId: string): { readonly url: string; readonly key: string } {
    const key = this.#keyOf(buildId) ?? ''
    return { url: this.#store.location(key), key: joined(this.#storeDir, key) }
  }

  #keyOf(buildId: string): string | null {
    const place = symbolPlace(buildId)
    return place === null ? null : `${this.name}/${place}`
  }
}
