import { crashTimePrefix, indexedFolder, namespaceIndexKey } from '../crash/index-entry.ts'
import { parseCrashFolder } from '../crash/object-key.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { indexedIn } from './indexed.ts'

/**
 * Removes all names of the crash in `folder`, of whichever cluster they say that it is: there may be two where a killed
 * handler knew less of it. That of its time goes last, for by it the others are found.
 */
export async function forgetNames(
  store: Pick<ObjectStore, 'list' | 'remove'>,
  folder: string,
): Promise<void> {
  const crash = parseCrashFolder(folder)
  if (crash === null) return
  for await (const object of store.list(crashTimePrefix(crash))) {
    const entry = indexedIn(object)?.entry
    if (entry === undefined || indexedFolder(entry) !== folder) continue
    await store.remove(namespaceIndexKey(entry))
    await store.remove(object.key)
  }
}
