import type { Logger } from 'pino'
import { type Day, dayOf, daysAfter } from '../../crash/daily-key.ts'
import { BY_TIME, parseIndexKey } from '../../crash/index-entry.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { crashesOf, type OneDay } from './day-crashes.ts'
import { writeCrashes } from './write-crashes.ts'
import { writeGroups } from './write-groups.ts'
import { removePastDays, writtenDays } from './written-days.ts'

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

type Store = Pick<ObjectStore, 'get' | 'list' | 'location' | 'put' | 'putIfNew' | 'remove' | 'removeAll'>

const DAY_SECONDS = 24 * 3600
/** Of a store that has an index and no files yet. */
const MOST_DAYS = 90
/** Of so many days that have a file it is looked whether a crash came since: from a spool, or by a node that was away. */
const LATE_DAYS = 3
/** A crash that was stored while its day was listed may have been passed by already. */
const LISTING_MS = 15 * 60_000

/**
 * Makes files for queries of each day that is over: of its crashes, by the names of the index, and of what was counted
 * of groups. A file is there whole or not at all, so who is ended is followed by who begins with the days that are
 * missing; two at once write the same. Files that are older than `retention` are removed.
 */
export async function compactDays(store: Store, compacting: Compacting): Promise<void> {
  await compactCrashes(store, compacting)
  await compactGroups(store, compacting)
}

/** Days that have no file, and the last ones once more if something came. */
async function compactCrashes(store: Store, compacting: Compacting): Promise<void> {
  const { cluster, signal, log } = compacting
  const first = await firstDay(store, compacting)
  const written = await writtenDays(store, 'crashes', cluster)
  const last = lastDay(compacting)
  let [days, crashes] = [0, 0]
  for (let day = last; first !== null && day >= first; day = daysAfter(day, -1)) {
    const oneDay = { cluster, day, signal }
    const writtenAt = written.get(day)
    if (writtenAt !== undefined && !(await isLate(store, oneDay, writtenAt, last))) continue
    crashes += await writeCrashes(store, oneDay)
    days += 1
  }
  if (days > 0) log.info({ days, crashes }, 'crashes of past days written for queries')
  const removed = await removePastDays(store, written.keys(), { table: 'crashes', ...compacting })
  if (removed > 0) log.info({ removed }, 'crashes of days older than retention removed from queries')
}

/** What was counted yesterday nobody knows tomorrow, so only the last day can have a file, and that once. */
async function compactGroups(store: Store, compacting: Compacting): Promise<void> {
  const { cluster, signal, log } = compacting
  const written = await writtenDays(store, 'groups', cluster)
  const day = lastDay(compacting)
  if (!written.has(day)) {
    const before = [...written.keys()].filter(other => other < day).at(-1) ?? null
    const groups = await writeGroups(store, { cluster, day, before, signal })
    if (groups > 0) log.info({ day, groups }, 'groups written for queries')
  }
  await removePastDays(store, written.keys(), { table: 'groups', ...compacting })
}

function lastDay({ now }: Pick<Compacting, 'now'>): Day {
  return daysAfter(dayOf(now), -1)
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
