import { newCrashId } from '../crash/object-key.ts'
import type { ObjectStore } from './object-store.ts'

/** No namespace begins with `_`. */
export const TRIALS = '_self-test'

/**
 * Writes a small object for `node` and removes it again, as a crash would need. Resolves with where it was;
 * rejects with a StoreError that says what is wrong.
 */
export async function tryStore(store: ObjectStore, node: string): Promise<string> {
  const key = `${TRIALS}/${node}-${newCrashId()}`
  const body = Buffer.from('coredog self-test\n')
  await store.put(key, [body], body.length)
  await store.remove(key)
  return store.location(key)
}
