import type { Logger } from 'pino'
import { BINARIES, type BinaryOwner, clusterSegment, parseBinaryKey } from '../../crash/binary-key.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import type { OldestCrashes } from './oldest-crashes.ts'
import type { SparedPrograms } from './spared-programs.ts'

interface Removing {
  /** Of all crashes that are stored, or were until a moment ago. */
  readonly oldest: OldestCrashes
  /** How the cluster is and was called: programs of another one stay. */
  readonly clusters: readonly string[]
  /** What crashes name that are older than that. */
  readonly spared: Pick<SparedPrograms, 'has'>
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

/**
 * A handler that names a program stores it anew if it is older than a day: handler/binaries/keep-binary.ts. The
 * other two are for clocks that differ, and for a report that is on its way.
 */
const NAMED_SECONDS = 3 * 24 * 3600

type Store = Pick<ObjectStore, 'list' | 'look' | 'remove'>

/**
 * Removes the programs that no stored crash can name: they are older than all that is stored of their namespace, but for
 * the last crashes of their groups, whose reports say what they name.
 */
export async function removeUnnamedBinaries(
  store: Store,
  { oldest, clusters, spared, now, signal, log }: Removing,
): Promise<void> {
  const ours = new Set(['', ...clusters].map(clusterSegment))
  const isUnnamed = ({ namespace }: BinaryOwner, { storedAt }: ObjectInfo) => {
    const since = Math.min(oldest.of(namespace) ?? now.getTime(), now.getTime())
    return storedAt.getTime() < since - NAMED_SECONDS * 1000
  }
  let [removed, bytes] = [0, 0]
  for await (const object of store.list(`${BINARIES}/`)) {
    signal.throwIfAborted()
    const owner = parseBinaryKey(object.key)
    if (owner === null || !ours.has(owner.cluster) || !isUnnamed(owner, object)) continue
    if (await spared.has(owner.namespace, object.key)) continue
    // A handler may have named it since it was listed.
    const found = await store.look(object.key)
    if (typeof found !== 'object' || !isUnnamed(owner, found)) continue
    await store.remove(object.key)
    removed += 1
    bytes += object.sizeBytes
  }
  if (removed > 0) log.info({ removed, bytes }, 'programs that no crash names removed')
}
