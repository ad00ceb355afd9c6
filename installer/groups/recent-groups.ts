import type { CrashGroup } from '../../groups/crash-group.ts'
import type { GroupSummary } from '../../groups/group-summary.ts'
import type { NodeCount } from '../../groups/node-count.ts'
import { nodeCountOf } from './group-total.ts'
import type { GroupTotals } from './group-totals.ts'

/** Crashes of one kind, as the cluster counts them, or this node alone. */
export interface RecentGroup {
  readonly namespace: string
  readonly workload: string
  /** The last folder of `_groups/<cluster>/<namespace>/<workload>/<site>`, by which groups of a workload differ. */
  readonly site: string
  readonly crashes: number
  readonly pods: number
  /** `null`: counted on this node alone, or the store did not say. */
  readonly nodes: number | null
  readonly first: Date
  readonly last: Date
  /** Until when chats hear nothing of it; `null`: they do. */
  readonly mutedUntil: Date | null
}

/** What the store has of one group: its methods reject with a StoreError. */
export type Counted = Pick<CrashGroup, 'summary' | 'muted'>

const DAY_MS = 24 * 3600 * 1000
/** A tenant makes as many groups as it likes: these came last. */
const MOST_GROUPS = 10

/**
 * The kinds of crashes that came on this node within a day, the last one first. What the store does not say until
 * `signal` aborts is what this node knows.
 */
export async function recentGroups(
  totals: GroupTotals,
  inStore: (folder: string) => Counted,
  now: Date,
  signal: AbortSignal,
): Promise<readonly RecentGroup[]> {
  const recent = totals.since(new Date(now.getTime() - DAY_MS)).slice(0, MOST_GROUPS)
  return await Promise.all(
    recent.map(async ([folder, total]) => {
      const group = inStore(folder)
      const [summary, mute] = await Promise.all([
        group.summary(signal).catch(() => null),
        group.muted(signal).catch(() => null),
      ])
      const { first, last, crashes, pods } = moreOf(summary, nodeCountOf(total))
      const [, , namespace = '', workload = '', site = ''] = folder.split('/')
      return {
        ...{ namespace, workload, site, crashes, pods, first, last },
        nodes: summary?.nodes ?? null,
        mutedUntil: mute !== null && mute.until > now ? mute.until : null,
      }
    }),
  )
}

/** A summary is minutes old: of a group that began just now this node may know more. */
function moreOf(summary: GroupSummary | null, own: NodeCount): NodeCount {
  return summary === null || summary.crashes < own.crashes ? own : summary
}
