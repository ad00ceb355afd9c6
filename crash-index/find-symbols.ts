import { symbolPlace } from '../crash/symbol-file/symbol-place.ts'
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'

/** Names for the program of a build, where `symbols` of the configuration says that they are; `null`: there are none. */
export async function findSymbols(
  store: Pick<ObjectStore, 'look'>,
  folders: readonly string[],
  buildId: string,
): Promise<ObjectInfo | null> {
  const place = symbolPlace(buildId)
  for (const folder of place === null ? [] : folders) {
    const info = await store.look(`${folder}/${place}`)
    if (typeof info === 'object') return info
  }
  return null
}
