import type { Logger } from 'pino'
import { BINARIES, type BinaryOwner, clusterSegment, parseBinaryKey } from '../../crash/binary-key.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import type { OldestCrashes } from './oldest-crashes.ts'

interface Removing {
  /** Of all crashes that are stored, or were until a moment ago. */
  readonly oldest: OldestCrashes
  /** How the cluster is and was called: programs of another one stay. */
  readonly clusters: readonly string[]
  readonly now: Date
  readonly log: Logger
  readonly mostInARound?: number
}

/**
 * A handler that names a program stores it anew if it is older than a day: handler/binaries/keep-binary.ts. The
 * other two are for clocks that differ, and for a report that is on its way.
 */
const NAMED_SECONDS = 3 * 24 * 3600

type Store = Pick<ObjectStore, 'list' | 'look' | 'remove'>

/**
 * Removes the programs that no stored crash can name: they are older than all that is stored of their namespace.
 * Resolves with whether there are more than one round removes.
 */
export async function removeUnnamedBinaries(
  store: Store,
  { oldest, clusters, now, log, mostInARound = 1000 }: Removing,
): Promise<boolean> {
  const ours = new Set(['', ...clusters].map(clusterSegment))
  const isUnnamed = ({ namespace }: BinaryOwner, { storedAt }: ObjectInfo) => {
    const since = Math.min(oldest.of(namespace) ?? now.getTime(), now.getTime())
    return storedAt.getTime() < since - NAMED_SECONDS * 1000
  }
  let [removed, bytes] = [0, 0]
  for await (const object of store.list(`${BINARIES}/`)) {
    const owner = parseBinaryKey(object.key)
    if (owner === null || !ours.has(owner.cluster) || !isUnnamed(owner, object)) continue
    // A handler may have named it since it was listed.
    const found = await store.look(object.key)
    if (typeof found !== 'object' || !isUnnamed(owner, found)) continue
    await store.remove(object.key)
    removed += 1
    bytes += object.sizeBytes
    if (removed === mostInARound) break
  }
  if (removed > 0) log.info({ removed, bytes }, 'programs that no crash names removed')
  return removed === mostInARound
}
