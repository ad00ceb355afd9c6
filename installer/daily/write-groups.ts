import { type Day, dailyKey, daysAfter, startOf } from '../../crash/daily-key.ts'
import type { GroupStore } from '../../groups/crash-group.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { groupsOf } from './day-groups.ts'
import { type DailyGroup, groupLine } from './group-line.ts'
import { putLines } from './put-lines.ts'

interface Writing {
  /** As it is called; empty: it has no name. */
  readonly cluster: string
  /** The last one that is over. */
  readonly day: Day
  /** The last one before it that has a file; `null`: none has, and all that was ever counted is news. */
  readonly before: Day | null
  readonly signal: AbortSignal
}

/**
 * Writes what all nodes have counted, until now, of the groups that had a crash since the file before. Nothing where
 * there are none, as in stores without conditional writes. Resolves with how many there are.
 */
export async function writeGroups(
  store: GroupStore & Pick<ObjectStore, 'location'>,
  { cluster, day, before, signal }: Writing,
): Promise<number> {
  const since = before === null ? new Date(0) : startOf(daysAfter(before, 1))
  const groups = groupsOf(store, { cluster, since, before: startOf(daysAfter(day, 1)), signal })
  const first = await groups.next()
  if (first.done === true) return 0
  return await putLines(store, dailyKey({ table: 'groups', cluster, day }), linesOf(first.value, groups))
}

async function* linesOf(first: DailyGroup, others: AsyncIterable<DailyGroup>): AsyncGenerator<string> {
  yield groupLine(first)
  for await (const group of others) yield groupLine(group)
}
