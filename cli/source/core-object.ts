import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'

const CORES = ['core.gz', 'core.zst', 'core']

/** The core in the crash's own folder, whatever its report says of keys; `null`: there is none. */
export async function coreObject(
  store: Pick<ObjectStore, 'look'>,
  entry: IndexEntry,
): Promise<ObjectInfo | null> {
  for (const name of CORES) {
    const info = await store.look(`${indexedFolder(entry)}/${name}`)
    if (typeof info === 'object') return info
  }
  return null
}
