import { clusterIn, INDEX } from './index-entry.ts'

/** What there is a file of for each day that is over, with a line for each one. */
export type DailyTable = 'crashes' | 'groups'

/** Of UTC, `2026-11-28`. */
export type Day = string

export interface DailyFile {
  readonly table: DailyTable
  /** As in a key: `_none` where the cluster has no name. */
  readonly cluster: string
  readonly day: Day
}

/**
 * `_index/daily/<table>/cluster=<cluster>/date=<yyyy-mm-dd>/<table>.ndjson.gz`: engines that query files take such
 * folders for columns.
 */
export function dailyKey({ table, cluster, day }: DailyFile): string {
  return `${dailyPrefix(table, cluster)}date=${day}/${table}.ndjson.gz`
}

/** The days of one cluster begin with it. `cluster` as it is called; empty: it has no name. */
export function dailyPrefix(table: DailyTable, cluster: string): string {
  return `${INDEX}/daily/${table}/cluster=${clusterIn(cluster)}/`
}

/** `null`: a key that {@link dailyKey} does not make, so not ours. */
export function parseDailyKey(key: string): DailyFile | null {
  const [, table, cluster = '', day = ''] = KEY.exec(key) ?? []
  if ((table !== 'crashes' && table !== 'groups') || Number.isNaN(startOf(day).getTime())) return null
  const file: DailyFile = { table, cluster, day }
  return dailyKey(file) === key && dayOf(startOf(day)) === day ? file : null
}

const KEY = /^_index\/daily\/([a-z]+)\/cluster=([^/]{1,128})\/date=(\d{4}-\d\d-\d\d)\/[a-z]+\.ndjson\.gz$/

export function dayOf(time: Date): Day {
  return time.toISOString().slice(0, 10)
}

export function startOf(day: Day): Date {
  return new Date(`${day}T00:00:00Z`)
}

const DAY_MS = 86_400_000

/** So many days later; before it where `days` is negative. */
export function daysAfter(day: Day, days: number): Day {
  return dayOf(new Date(startOf(day).getTime() + days * DAY_MS))
}
