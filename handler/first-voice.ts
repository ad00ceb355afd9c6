import type { Logger } from 'pino'
import { reasonOf } from '../crash/errors.ts'
import { type Claim, claimFirst } from '../groups/claim-first.ts'
import { CrashGroup, type GroupStore } from '../groups/crash-group.ts'
import type { GroupSummary } from '../groups/group-summary.ts'
import type { Notification } from '../notify/notification.ts'

/** A process is held no more, but people wait to be told. */
const DEADLINE_SECONDS = 5

/**
 * Whether the crash of `notification` is told of by this node, as the first of its group in the cluster; `null`: so it
 * is, because it cannot be found out. Never rejects.
 */
export async function firstVoice(
  { group, report: { id } }: Notification,
  { store, node, now, log }: { store: GroupStore; node: string; now: () => Date; log: Logger },
): Promise<Claim | null> {
  if (group === undefined) return null
  try {
    const signal = AbortSignal.timeout(DEADLINE_SECONDS * 1000)
    return await claimFirst(new CrashGroup(store, group), { id, node, time: now() }, signal)
  } catch (cause) {
    log.warn({ crash: id, ...reasonOf(cause) }, 'it is not known whether people were told of crashes like it')
    return null
  }
}

/** `notification` with how often crashes like it came to all nodes, which have counted them in `summary`. */
export function countedInCluster(notification: Notification, summary: GroupSummary | null): Notification {
  const { seen } = notification.report
  const isNewHere = seen?.count === 1
  const [before, nodes] = [summary?.crashes ?? 0, summary?.nodes ?? 0]
  const first = summary?.first.toISOString()
  return {
    ...notification,
    report: {
      ...notification.report,
      seen: {
        ...seen,
        ...(first !== undefined && { first }),
        count: Math.max(before + 1, seen?.count ?? 1),
        nodes: Math.max(1, isNewHere ? nodes + 1 : nodes),
      },
    },
  }
}
