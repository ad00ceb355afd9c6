import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Target } from '../../notify/target.ts'
import { type Burst, burstAmong, byAge } from './burst.ts'
import { isDue, isTooOld } from './delivery.ts'
import type { DestinationOf } from './destination.ts'
import { isUnsettled } from './unsettled.ts'

/** What the postman is at. */
export interface PostmanState {
  /** Crashes that are being told of, by id. */
  readonly busy: { has(id: string): boolean }
  /** Channels that were being told of a burst when the reading began: what was found since came meanwhile. */
  readonly told: ReadonlySet<Target>
  /** Whether one is told of now. */
  readonly isTelling: boolean
  readonly destinationOf: DestinationOf
}

/** What the postman does next. */
export interface Schedule {
  /** Channels that are told of no single crash now. */
  readonly held: ReadonlySet<Target>
  /** What each channel is told of in one message. */
  readonly batches: Burst['ripe']
  /** Ids of crashes that are told of one by one, in this order. */
  readonly singles: readonly string[]
}

/**
 * What to do with the entries of the outbox, the oldest first, and of single ones what was not tried yet before it. What
 * is the handler's still, or is under way, is left alone; what comes while a burst is told of waits for the next one.
 */
export function schedule(state: PostmanState, entries: readonly OutboxEntry[], now: Date): Schedule {
  const waiting = entries
    .filter(entry => !state.busy.has(crashOf(entry)) && isOurs(entry, now))
    .toSorted(byAge)
  const burst = burstAmong(waiting, state.destinationOf, now)
  const held = new Set([...burst.held, ...state.told])
  const batches: Burst['ripe'] = state.isTelling ? new Map() : burst.ripe
  const inBatches = new Set([...batches.values()].flat())
  const single = waiting.filter(entry => !inBatches.has(entry) && isSingle(entry, held, now))
  // What was tried may wait for one who is away: thousands of them are not to be in the way of what is new.
  const singles = single.toSorted((one, other) => Number(one.attempts > 0) - Number(other.attempts > 0))
  return { held, batches, singles: singles.map(crashOf) }
}

/** The id of the crash that it tells of. */
export function crashOf({ notice: notification }: OutboxEntry): string {
  return notification.report.id
}

/** Once the installer has tried, the handler does not come back to it. */
function isOurs(entry: OutboxEntry, now: Date): boolean {
  if (isUnsettled(entry, now)) return false
  return entry.attempts > 0 || isDue(entry, now)
}

/** What is too old is given up, which is done one by one. */
function isSingle(entry: OutboxEntry, held: ReadonlySet<Target>, now: Date): boolean {
  if (!isDue(entry, now)) return false
  return isTooOld(entry, now) || !entry.pending.every(target => held.has(target))
}
