import { symbolPlace } from '../../crash/symbol-file/symbol-place.ts'
import type { ObjectInfo } from '../../storage/object-store.ts'
import type { Streaming } from './streaming.ts'

/** Names for the program of a build, where `symbols` of the configuration says that they are; `null`: there are none. */
export async function findSymbols(
  buildId: string,
  { store, limits }: Pick<Streaming, 'store' | 'limits'>,
): Promise<ObjectInfo | null> {
  const place = symbolPlace(buildId)
  if (place === null) return null
  for (const folder of limits.symbolFolders) {
    const info = await store.look(`${folder}/${place}`)
    if (typeof info === 'object') return info
  }
  return null
}
