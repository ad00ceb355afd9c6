import {
  type DailyTable,
  type Day,
  dailyKey,
  dailyPrefix,
  dayOf,
  parseDailyKey,
} from '../../crash/daily-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/** When the file of each day that has one was written, the oldest day first. */
export async function writtenDays(
  store: Pick<ObjectStore, 'list'>,
  table: DailyTable,
  cluster: string,
): Promise<ReadonlyMap<Day, Date>> {
  const days = new Map<Day, Date>()
  for await (const { key, storedAt } of store.list(dailyPrefix(table, cluster))) {
    const file = parseDailyKey(key)
    if (file !== null) days.set(file.day, storedAt)
  }
  return days
}

interface Removing {
  readonly table: DailyTable
  readonly cluster: string
  /** 0: they stay. */
  readonly maxAgeSeconds: number
  readonly now: Date
}

/** Removes the files of days all of which is older. Resolves with how many there were. */
export async function removePastDays(
  store: Pick<ObjectStore, 'removeAll'>,
  days: Iterable<Day>,
  { table, cluster, maxAgeSeconds, now }: Removing,
): Promise<number> {
  const oldest = dayOf(new Date(now.getTime() - maxAgeSeconds * 1000))
  const past = maxAgeSeconds === 0 ? [] : [...days].filter(day => day < oldest)
  if (past.length > 0) await store.removeAll(past.map(day => dailyKey({ table, cluster, day })))
  return past.length
}
