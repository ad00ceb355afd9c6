import type { CrashGroup } from './crash-group.ts'
import { type GroupSummary, summaryOf } from './group-summary.ts'
import { type ListedGroup, lastCountedMs } from './listed-group.ts'

interface Reading {
  /** Whether so many small objects more may be read. */
  readonly mayRead: (objects: number) => boolean
  readonly signal: AbortSignal
}

/**
 * What the nodes of a group count by now: what was summed of it last is minutes old, or a day where its crashes go on.
 * Where more nodes counted since than may be read, it is that all the same. `null`: nobody counts it.
 */
export async function currentSummary(
  group: Pick<CrashGroup, 'summary' | 'counts'>,
  listed: Pick<ListedGroup, 'seen' | 'summaryAt'>,
  { mayRead, signal }: Reading,
): Promise<GroupSummary | null> {
  const { seen, summaryAt } = listed
  const isFresh = summaryAt !== null && summaryAt.getTime() > lastCountedMs(listed)
  if (isFresh || !mayRead(seen.size)) return mayRead(1) ? await group.summary(signal) : null
  return summaryOf(await group.counts([...seen.keys()], signal))
}
