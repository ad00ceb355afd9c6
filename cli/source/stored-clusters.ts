import { INDEX } from '../../crash/index-entry.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

const BY_NAMESPACE = `${INDEX}/namespace/`
/** Clusters that share a store: more are somebody's mischief. */
const MOST = 1000
/** No key goes on with it. */
const BEHIND_ALL = '\u{10ffff}'

/** The clusters that the store has crashes of, one listing each. */
export async function storedClusters(store: Pick<ObjectStore, 'list'>): Promise<readonly string[]> {
  const clusters: string[] = []
  while (clusters.length < MOST) {
    const last = clusters.at(-1)
    const after = last === undefined ? undefined : `${BY_NAMESPACE}${last}/${BEHIND_ALL}`
    const next = await clusterBehind(store, after)
    if (next === null) break
    clusters.push(next)
  }
  return clusters
}

async function clusterBehind(store: Pick<ObjectStore, 'list'>, after?: string): Promise<string | null> {
  for await (const { key } of store.list(BY_NAMESPACE, after)) return key.split('/')[2] ?? null
  return null
}
