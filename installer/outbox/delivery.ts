import type { Logger } from 'pino'
import { reasonOf } from '../../crash/errors.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { OutboxFolder } from '../../handoff/outbox-folder.ts'
import type { Notification } from '../../notify/notification.ts'
import type { Target } from '../../notify/target.ts'
import { OK, type Verdict } from '../../notify/verdict.ts'
import { backoff } from '../../time/backoff.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Destination, DestinationOf } from './destination.ts'

/** What it takes to deliver an entry. Tests hand in another clock and other dice. */
export interface Delivering {
  readonly outbox: OutboxFolder
  readonly destinationOf: DestinationOf
  /** Brings the link of a notification up to date. */
  readonly refresh: (notification: Notification) => Promise<Notification>
  readonly metrics: Pick<Metrics, 'countDelivery'>
  readonly log: Logger
  readonly now: () => Date
  /** From 0 to 1. */
  readonly random: () => number
}

const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 600
const LONGEST_LIFE_SECONDS = 7 * 24 * 3600

/**
 * Tells every destination of `entry` that has not heard of it, one after the other, and gives what is left of
 * it; once no destination is left it is gone. The attempt is on the disk before it is made, and each success
 * right after: a kill repeats one delivery at the most, and a script that kills us is not run for ever. A
 * destination that is `held` hears of it by another path.
 */
export async function deliverEntry(
  entry: OutboxEntry,
  delivering: Delivering,
  signal: AbortSignal,
  held: ReadonlySet<Target> = new Set(),
): Promise<OutboxEntry> {
  const { outbox, refresh, now, random } = delivering
  if (isTooOld(entry, now())) return giveUp(entry, delivering)
  let left = begun(entry, pauseSeconds(entry.attempts + 1, random()), now())
  await outbox.write(left)

  const notification = await refresh(entry.notice)
  for (const target of entry.pending) {
    if (signal.aborted) break
    if (held.has(target)) continue
    const verdict = await attempt(target, { ...left, notice: notification }, delivering, signal)
    const next = settled(left, target, verdict, now())
    if (next !== left) await outbox.write(next)
    left = next
  }
  return left
}

async function attempt(
  target: Target,
  entry: OutboxEntry,
  { destinationOf, metrics, log }: Delivering,
  signal: AbortSignal,
): Promise<Verdict> {
  const destination = destinationOf(target)
  const line = { crash: entry.notice.report.id, to: destination?.name ?? target, attempts: entry.attempts }
  if (destination === null) {
    log.warn(line, 'delivery dropped: it is no longer configured')
    return OK
  }
  const verdict = final(await tried(destination, entry, signal), destination, entry, signal)
  count(verdict, destination, line, { metrics, log })
  return verdict
}

/** Makes known how telling `destination` went. */
export function count(
  verdict: Verdict,
  { kind }: Pick<Destination, 'kind'>,
  line: object,
  { metrics, log }: Pick<Delivering, 'metrics' | 'log'>,
): void {
  if (verdict.kind === 'ok' && verdict.isUntold) {
    log.debug(line, 'not told: it hears of no such crash')
    return
  }
  if (verdict.kind === 'retry' && verdict.isTurn === true) {
    const { reason, hint } = verdict
    log.info({ ...line, reason, hint }, 'delivery waits for its turn')
    return
  }
  metrics.countDelivery(kind, verdict.kind === 'ok' || verdict.kind === 'retry' ? verdict.kind : 'failed')
  if (verdict.kind === 'ok') log.info(line, 'delivered')
  else {
    const { reason, hint } = verdict
    if (verdict.kind === 'retry') log.warn({ ...line, reason, hint }, 'delivery failed')
    else log.error({ ...line, reason, hint }, 'delivery given up')
  }
}

/** Attempts that we were stopped in count too, so there may be more of them than there should. */
async function tried(destination: Destination, entry: OutboxEntry, signal: AbortSignal): Promise<Verdict> {
  if (entry.attempts > (destination.mostAttempts ?? Number.POSITIVE_INFINITY))
    return {
      kind: 'failed',
      reason: 'it was stopped too often',
      hint: 'Look why the installer is restarted.',
    }
  return trying(() => destination.deliver(entry, signal))
}

/** What `work` says; what it rejects with may pass. */
export async function trying(work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work()
  } catch (cause) {
    const hint = 'Look at the disk and the memory of the node.'
    return { kind: 'retry', hint, ...reasonOf(cause), afterSeconds: 0 }
  }
}

/** The last attempt is final, unless we ended it ourselves. */
function final(
  verdict: Verdict,
  destination: Destination,
  { attempts }: OutboxEntry,
  signal: AbortSignal,
): Verdict {
  const { mostAttempts = Number.POSITIVE_INFINITY } = destination
  if (verdict.kind !== 'retry' || attempts < mostAttempts || signal.aborted) return verdict
  return { kind: 'failed', reason: verdict.reason, hint: verdict.hint }
}

export function isTooOld({ firstAt }: OutboxEntry, now: Date): boolean {
  return now.getTime() - Date.parse(firstAt) > LONGEST_LIFE_SECONDS * 1000
}

async function giveUp(
  entry: OutboxEntry,
  { outbox, destinationOf, metrics, log }: Delivering,
): Promise<OutboxEntry> {
  const { notice: notification, attempts, firstAt, pending } = entry
  for (const kind of pending.flatMap(target => destinationOf(target)?.kind ?? []))
    metrics.countDelivery(kind, 'failed')
  log.error(
    { crash: notification.report.id, attempts, firstAt, pending },
    'notice given up: nobody took it for a week',
  )
  await outbox.remove(notification.report.id)
  return { ...entry, pending: [] }
}

/** From 5 seconds to 10 minutes, and not the same for all that failed in one outage. */
export function pauseSeconds(attempts: number, random: number): number {
  const step = backoff({ first: 2 * FIRST_RETRY_SECONDS, longest: LONGEST_RETRY_SECONDS }, attempts)
  return step * (1 - random / 2)
}

/** The entry as it is on the disk before it is tried. */
export function begun(entry: OutboxEntry, restSeconds: number, now: Date): OutboxEntry {
  return { ...entry, attempts: entry.attempts + 1, notBefore: inSeconds(restSeconds, now) }
}

/** What is left of the entry after `target` was told. */
export function settled(entry: OutboxEntry, target: Target, verdict: Verdict, now: Date): OutboxEntry {
  if (verdict.kind !== 'retry') return without(entry, target)
  const isAlone = entry.pending.length === 1
  return (verdict.isTurn === true && isAlone ? inItsTurn : later)(entry, verdict.afterSeconds, now)
}

/** Nothing failed: a pause as after a failure would be longer than it is to the turn, which others think is used. */
function inItsTurn(entry: OutboxEntry, afterSeconds: number, now: Date): OutboxEntry {
  const notBefore = inSeconds(Math.min(afterSeconds, LONGEST_RETRY_SECONDS), now)
  // At none it would be a handler's still.
  return { ...entry, attempts: Math.max(1, entry.attempts - 1), notBefore }
}

/** A time later than an installer would write is that of a clock that has been set back since. */
export function isDue({ notBefore }: OutboxEntry, now: Date): boolean {
  const waitMs = Date.parse(notBefore ?? '1970-01-01') - now.getTime()
  return waitMs <= 0 || waitMs > 2 * LONGEST_RETRY_SECONDS * 1000
}

/** A destination may ask for more time than we would have given it. */
function later(entry: OutboxEntry, afterSeconds: number, now: Date): OutboxEntry {
  const asked = inSeconds(Math.min(afterSeconds, LONGEST_RETRY_SECONDS), now)
  return asked > (entry.notBefore ?? '') ? { ...entry, notBefore: asked } : entry
}

export function without(entry: OutboxEntry, target: Target): OutboxEntry {
  return { ...entry, pending: entry.pending.filter(other => other !== target) }
}

function inSeconds(seconds: number, now: Date): string {
  return new Date(now.getTime() + seconds * 1000).toISOString()
}
