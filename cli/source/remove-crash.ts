import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { LOG_FILE } from '../../crash/log-text.ts'
import type { CrashIndex } from '../../crash-index/crash-index.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

// As retention does: the report makes the crash exist, so at no moment there is a core without a report.
const ORDER = ['core', 'core.gz', 'core.zst', LOG_FILE, 'report.json']

/** Removes a crash. Its names go last: by them whoever was interrupted finds it again. */
export async function removeCrash(
  { store, index }: { readonly store: Pick<ObjectStore, 'remove'>; readonly index: CrashIndex },
  entry: IndexEntry,
): Promise<void> {
  for (const name of ORDER) await store.remove(`${indexedFolder(entry)}/${name}`)
  await index.forget(entry)
}
