import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { MOST_ONE_BY_ONE, openedOf } from '../../notify/batch-note.ts'
import { isBeforeChannels, type Target } from '../../notify/target.ts'
import type { Verdict } from '../../notify/verdict.ts'
import { begun, count, type Delivering, isDue, isTooOld, pauseSeconds, settled, trying } from './delivery.ts'
import type { Destination, DestinationOf } from './destination.ts'

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

function byAge(one: OutboxEntry, other: OutboxEntry): number {
  return Date.parse(one.firstAt) - Date.parse(other.firstAt)
}

/**
 * Tells each channel of its crashes in one message, and gives what is left of the entries. As for one entry,
 * the attempt is on the disk before it is made, and a success right after it. They all rest equally long:
 * they stay together.
 */
export async function deliverBatch(
  { ripe }: Burst,
  delivering: Delivering,
  signal: AbortSignal,
): Promise<readonly OutboxEntry[]> {
  const { outbox, now, random } = delivering
  const entries = new Map([...ripe.values()].flat().map(entry => [entry.notice.report.id, entry]))
  const attempts = Math.max(...[...entries.values()].map(entry => entry.attempts))
  const seconds = pauseSeconds(attempts + 1, random())
  for (const [id, entry] of entries) {
    entries.set(id, begun(entry, seconds, now()))
    await outbox.write(begun(entry, seconds, now()))
  }
  for (const [target, waiting] of ripe) {
    if (signal.aborted) break
    const verdict = await tellTogether(target, waiting, delivering, signal)
    for (const { notice: notification } of waiting) {
      const { id } = notification.report
      // Each is in there: they were made of the same.
      const left = settled(entries.get(id)!, target, verdict, now())
      await outbox.write(left)
      entries.set(id, left)
    }
  }
  return [...entries.values()]
}

async function tellTogether(
  target: Target,
  waiting: readonly OutboxEntry[],
  delivering: Delivering,
  signal: AbortSignal,
): Promise<Verdict> {
  // A destination in a burst is one that can hear of many at once.
  const destination = delivering.destinationOf(target) as Destination &
    Required<Pick<Destination, 'together'>>
  const verdict = await trying(async () => {
    const notifications = waiting.map(({ notice: notification }) => notification)
    const opened = new Set(openedOf(notifications))
    const shown = notifications.map(notification =>
      opened.has(notification) ? delivering.refresh(notification) : notification,
    )
    return destination.together.deliver(await Promise.all(shown), signal)
  })
  const crashes = waiting.map(({ notice: notification }) => notification.report.id)
  count(verdict, destination, { crashes, to: destination.name }, delivering)
  return verdict
}
