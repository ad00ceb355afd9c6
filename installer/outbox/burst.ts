import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { MOST_ONE_BY_ONE } from '../../notify/batch-note.ts'
import { isBeforeChannels, type Target } from '../../notify/target.ts'
import { isDue, isTooOld } from './delivery.ts'
import type { DestinationOf } from './destination.ts'

/** More than people want to be told of one by one. */
export interface Burst {
  /** Channels that are told of no single crash now. */
  readonly held: ReadonlySet<Target>
  /** What each of them is told of now, together; the others wait for more, or for the chat to come back. */
  readonly ripe: ReadonlyMap<Target, readonly OutboxEntry[]>
}

/** It is over when nothing was added for so long. */
const QUIET_SECONDS = 5
/** No notification waits longer for the end of a burst. */
const LONGEST_GATHERING_SECONDS = 30

/** What of `waiting` is to be told together. A destination with few crashes to hear of is told of each. */
export function burstAmong(waiting: readonly OutboxEntry[], destinationOf: DestinationOf, now: Date): Burst {
  const all = [...byTarget(waiting, destinationOf, now)].filter(
    ([, entries]) => entries.length > MOST_ONE_BY_ONE,
  )
  const ripe = all
    // The script is told first: it may be what tells people.
    .map(
      ([target, entries]) => [target, entries.filter(({ pending }) => !isBeforeChannels(pending))] as const,
    )
    .filter(([, entries]) => isRipe(entries, now))
  return { held: new Set(all.map(([target]) => target)), ripe: new Map(ripe) }
}

/** The oldest first. */
function byTarget(
  waiting: readonly OutboxEntry[],
  destinationOf: DestinationOf,
  now: Date,
): ReadonlyMap<Target, OutboxEntry[]> {
  const groups = new Map<Target, OutboxEntry[]>()
  for (const entry of waiting.toSorted(byAge)) {
    if (isTooOld(entry, now)) continue
    for (const target of entry.pending) {
      if (destinationOf(target)?.together?.hears(entry.notice) !== true) continue
      groups.set(target, [...(groups.get(target) ?? []), entry])
    }
  }
  return groups
}

/** The oldest has failed the most often: as long as it rests, the chat is away, and new ones wait with it. */
function isRipe(entries: readonly OutboxEntry[], now: Date): boolean {
  const [oldest] = entries
  const newest = entries.at(-1)
  if (oldest === undefined || newest === undefined || !isDue(oldest, now)) return false
  return ageSeconds(newest, now) >= QUIET_SECONDS || ageSeconds(oldest, now) >= LONGEST_GATHERING_SECONDS
}

/** Infinite where the clock was set back since: the age is unknown. */
function ageSeconds({ firstAt }: OutboxEntry, now: Date): number {
  const seconds = (now.getTime() - Date.parse(firstAt)) / 1000
  return seconds < 0 ? Number.POSITIVE_INFINITY : seconds
}

export function byAge(one: OutboxEntry, other: OutboxEntry): number {
  return Date.parse(one.firstAt) - Date.parse(other.firstAt)
}
