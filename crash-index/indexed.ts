import { type IndexEntry, indexedFolder, parseIndexKey } from '../crash/index-entry.ts'
import type { ObjectInfo } from '../storage/object-store.ts'

/** A crash as a name of the index says it. */
export interface Indexed {
  readonly entry: IndexEntry
  /** Of the index object: to go on behind it. */
  readonly key: string
  /** When that was stored, by the clock of the store. */
  readonly storedAt: Date
}

/** `null`: a name that is none of ours. */
export function indexedIn({ key, storedAt }: ObjectInfo): Indexed | null {
  const entry = parseIndexKey(key)
  return entry === null ? null : { entry, key, storedAt }
}

/**
 * Each crash once: one of which less was known at first, as where its report could not be read, may have two names,
 * which stand together.
 */
export async function* eachOnce(
  indexed: AsyncIterable<Indexed>,
  signal?: AbortSignal,
): AsyncGenerator<Indexed, void, void> {
  let last = ''
  for await (const one of indexed) {
    signal?.throwIfAborted()
    const folder = indexedFolder(one.entry)
    if (folder !== last) yield one
    last = folder
  }
}
