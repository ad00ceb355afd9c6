import type { Logger } from 'pino'
import { clusterSegment } from '../../crash/binary-key.ts'
import { GROUPS, groupFolderIn, keptPrefix } from '../../crash/group-key.ts'
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts'
import { removePast } from './remove-past.ts'

interface Removing {
  /** How the cluster is and was called: groups of another one stay. */
  readonly clusters: readonly string[]
  /** Of `dedupe`. */
  readonly windowSeconds: number
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

const DAY_SECONDS = 24 * 3600
/** By then nobody asks any more since when there were crashes like one. */
const COUNTED_SECONDS = 90 * DAY_SECONDS

/**
 * Removes which cores were kept in windows that nobody asks for any more, and what was counted of groups that are long
 * past.
 */
export async function removePastGroups(
  store: Pick<ObjectStore, 'list' | 'removeAll'>,
  { clusters, windowSeconds, now, signal, log }: Removing,
): Promise<void> {
  // A window, a day without a crash, after which windows begin anew, and a day for clocks that differ.
  const keptSeconds = Math.max(DAY_SECONDS, windowSeconds) + 2 * DAY_SECONDS
  let removed = 0
  for (const cluster of new Set(['', ...clusters].map(clusterSegment)))
    removed += await removePast(
      store,
      `${GROUPS}/${cluster}/`,
      object => isPast(object, now, keptSeconds),
      signal,
    )
  if (removed > 0) log.info({ removed }, 'what was agreed on past crashes removed')
}

/** An operator muted a group for as long as they like. */
function isPast({ key, storedAt }: ObjectInfo, now: Date, keptSeconds: number): boolean {
  const folder = groupFolderIn(key)
  if (folder === null || key === `${folder}/muted`) return false
  const lifeSeconds = key.startsWith(keptPrefix(folder)) ? keptSeconds : COUNTED_SECONDS
  return now.getTime() - storedAt.getTime() > lifeSeconds * 1000
}
