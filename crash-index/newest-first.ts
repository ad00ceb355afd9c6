import { BY_TIME, hourPrefix, parseIndexKey } from '../crash/index-entry.ts'
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'
import { type Indexed, indexedIn } from './indexed.ts'

const HOUR_MS = 3_600_000
/** A page of a listing. */
const MOST_AT_ONCE = 1000
/** What an index name can say at the latest is before it. */
const END_OF_TIME_MS = Date.UTC(2286, 11, 1)

type Listed = Pick<ObjectStore, 'list'>

/** Hours, of which the store keeps the oldest first. */
export interface Hours {
  /** Milliseconds since the epoch: the beginning of the hour behind the last one. */
  readonly before: number
  /** Absent: as far back as there is anything. */
  readonly since?: number
}

/**
 * The crashes of `hours`, the newest first. A store lists forwards only, and most hours have none: so as many hours
 * are listed at once as have about a page of names, twice as many whenever they had few. For a year without a
 * crash that is a dozen listings.
 */
export async function* newestFirst(
  store: Listed,
  { before, since }: Hours,
): AsyncGenerator<Indexed, void, void> {
  const oldest = since ?? (await oldestHour(store))
  let [to, hours] = [before, 1]
  while (oldest !== null && to > oldest) {
    const from = Math.max(to - hours * HOUR_MS, hourOf(oldest))
    const found = await few(store, from, to)
    if (found === null && to - from > HOUR_MS) {
      hours = Math.ceil((to - from) / HOUR_MS / 2)
      continue
    }
    yield* found === null ? oneHour(store, from) : backwards(found)
    if (found !== null && found.length <= MOST_AT_ONCE / 4) hours *= 2
    to = from
  }
}

/** Those of the hour of `time`, the newest first, as the store has them; `after` a key of that hour. */
export async function* oneHour(
  store: Listed,
  time: number,
  after?: string,
): AsyncGenerator<Indexed, void, void> {
  for await (const object of store.list(hourPrefix(new Date(time)), after)) {
    const indexed = indexedIn(object)
    if (indexed !== null) yield indexed
  }
}

/** Those of which the clock of their node said that it was later than it is now. */
export async function* ofTheFuture(store: Listed, now: number): AsyncGenerator<Indexed, void, void> {
  const next = hourOf(now) + HOUR_MS
  const found = await few(store, next, END_OF_TIME_MS)
  yield* found === null ? newestFirst(store, { before: END_OF_TIME_MS, since: next }) : backwards(found)
}

/** The beginning of the hour of a time. */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS
}

async function oldestHour(store: Listed): Promise<number | null> {
  for await (const { key } of store.list(BY_TIME)) {
    const time = parseIndexKey(key)?.time.getTime()
    if (time !== undefined) return hourOf(time)
  }
  return null
}

/** `null`: there are more than are looked at at once. */
async function few(store: Listed, from: number, to: number): Promise<readonly ObjectInfo[] | null> {
  const end = hourPrefix(new Date(to))
  const found: ObjectInfo[] = []
  for await (const object of store.list(BY_TIME, hourPrefix(new Date(from)))) {
    if (object.key >= end) break
    found.push(object)
    if (found.length === MOST_AT_ONCE) return null
  }
  return found
}

/** The last hour first; within one they are in order. */
function backwards(found: readonly ObjectInfo[]): readonly Indexed[] {
  const indexed = found.flatMap(object => indexedIn(object) ?? [])
  return indexed.sort((one, other) => hourOf(other.entry.time.getTime()) - hourOf(one.entry.time.getTime()))
}
