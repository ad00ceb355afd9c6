import { reasonOf } from '../crash/errors.ts'
import { type IndexEntry, namespaceIndexKey, timeIndexKey } from '../crash/index-entry.ts'
import { StoreError } from '../storage/errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { unanswered } from '../storage/parts/lost-error.ts'

/**
 * Both names of a crash; twice does no harm. Rejects at the first that the store does not take. One after the other:
 * each call to a mounted file system that hangs holds one of four threads.
 */
export async function addNames(store: Pick<ObjectStore, 'put'>, entry: IndexEntry): Promise<void> {
  for (const key of [timeIndexKey(entry), namespaceIndexKey(entry)])
    if ((await store.put(key, [], 0)) === 'unanswered') throw unanswered()
}

/** Why a crash is not in the index, and what puts it there, for a log line. */
export function whyNotNamed(cause: unknown): { readonly reason: string; readonly hint: string } {
  const { reason, hint } = reasonOf(cause)
  return { reason, hint: [hint, REMEDY].filter(part => part !== undefined).join(' ') }
}

const REMEDY = 'Once the store takes names below _index/, `coredog-handler reindex` puts it in.'

/** Whether names that were not taken may be later; else the crash does without them. */
export function mayBeTakenLater(cause: unknown): boolean {
  return !(cause instanceof StoreError) || cause.passes
}
