import type { Logger } from 'pino'
import { type Day, dailyKey, dailyPrefix, dayOf, daysAfter, parseDailyKey } from '../../crash/daily-key.ts'
import { BY_TIME, parseIndexKey } from '../../crash/index-entry.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { crashesOf, type OneDay } from './day-crashes.ts'
import { type DailyStore, writeCrashes } from './write-crashes.ts'

interface Compacting {
  /** As it is called; empty: it has no name. */
  readonly cluster: string
  /** Of `retention`; 0: files stay. */
  readonly maxAgeSeconds: number
  /** By the clock of the store. */
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

type Store = DailyStore & Pick<ObjectStore, 'removeAll'>

const DAY_SECONDS = 24 * 3600
/** Of a store that has an index and no files yet. */
const MOST_DAYS = 90
/** Of so many days that have a file it is looked whether a crash came since: from a spool, or by a node that was away. */
const LATE_DAYS = 3
/** A crash that was stored while its day was listed may have been passed by already. */
const LISTING_MS = 15 * 60_000

/**
 * Makes of the names of the index one file for each day that is over, for queries: of days that have none, and of the
 * last ones once more if something came. A file is there whole or not at all, so who is ended is followed by who begins
 * with the days that are missing; two at once write the same. Files that are older than `retention` are removed.
 */
export async function compactDays(store: Store, compacting: Compacting): Promise<void> {
  const { cluster, signal, log } = compacting
  const first = await firstDay(store, compacting)
  const written = await writtenDays(store, cluster)
  const last = daysAfter(dayOf(compacting.now), -1)
  let [days, crashes] = [0, 0]
  for (let day = last; first !== null && day >= first; day = daysAfter(day, -1)) {
    const oneDay = { cluster, day, signal }
    const writtenAt = written.get(day)
    if (writtenAt !== undefined && !(await isLate(store, oneDay, writtenAt, last))) continue
    crashes += await writeCrashes(store, oneDay)
    days += 1
  }
  if (days > 0) log.info({ days, crashes }, 'crashes of past days written for queries')
  await removePast(store, [...written.keys()], compacting)
}

/** `null`: there are no crashes. */
async function firstDay(
  store: Pick<ObjectStore, 'list'>,
  { maxAgeSeconds, now }: Pick<Compacting, 'maxAgeSeconds' | 'now'>,
): Promise<Day | null> {
  const oldest = maxAgeSeconds > 0 ? Math.min(MOST_DAYS, maxAgeSeconds / DAY_SECONDS) : MOST_DAYS
  const bound = dayOf(new Date(now.getTime() - oldest * DAY_SECONDS * 1000))
  for await (const { key } of store.list(BY_TIME)) {
    const entry = parseIndexKey(key)
    if (entry === null) continue
    const day = dayOf(entry.time)
    return day > bound ? day : bound
  }
  return null
}

/** When each was written. */
async function writtenDays(
  store: Pick<ObjectStore, 'list'>,
  cluster: string,
): Promise<ReadonlyMap<Day, Date>> {
  const days = new Map<Day, Date>()
  for await (const { key, storedAt } of store.list(dailyPrefix('crashes', cluster))) {
    const file = parseDailyKey(key)
    if (file !== null) days.set(file.day, storedAt)
  }
  return days
}

async function isLate(
  store: Pick<ObjectStore, 'list'>,
  oneDay: OneDay,
  writtenAt: Date,
  last: Day,
): Promise<boolean> {
  if (oneDay.day <= daysAfter(last, -LATE_DAYS)) return false
  for await (const { storedAt } of crashesOf(store, oneDay))
    if (storedAt.getTime() > writtenAt.getTime() - LISTING_MS) return true
  return false
}

async function removePast(
  store: Pick<ObjectStore, 'removeAll'>,
  days: readonly Day[],
  { cluster, maxAgeSeconds, now, log }: Compacting,
): Promise<void> {
  if (maxAgeSeconds === 0) return
  const bound = dayOf(new Date(now.getTime() - maxAgeSeconds * 1000))
  const past = days.filter(day => day < bound)
  if (past.length === 0) return
  await store.removeAll(past.map(day => dailyKey({ table: 'crashes', cluster, day })))
  log.info({ removed: past.length }, 'past days removed')
}
