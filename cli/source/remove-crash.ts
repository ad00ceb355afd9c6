import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import type { CrashIndex } from '../../crash-index/crash-index.ts'
import { CRASH_FILES } from '../../crash-index/stored-crash.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/** Removes a crash. Its names go last: by them whoever was interrupted finds it again. */
export async function removeCrash(
  { store, index }: { readonly store: Pick<ObjectStore, 'remove'>; readonly index: CrashIndex },
  entry: IndexEntry,
): Promise<void> {
  for (const name of CRASH_FILES) await store.remove(`${indexedFolder(entry)}/${name}`)
  await index.forget(entry)
}
