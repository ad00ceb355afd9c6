import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { openedOf } from '../../notify/batch-note.ts'
import type { Target } from '../../notify/target.ts'
import type { Verdict } from '../../notify/verdict.ts'
import type { Burst } from './burst.ts'
import { begun, count, type Delivering, pauseSeconds, settled, trying } from './delivery.ts'
import type { Destination } from './destination.ts'

/**
 * Tells each channel of its crashes in one message, and gives what is left of the entries. As for one entry,
 * the attempt is on the disk before it is made, and a success right after it. They all rest equally long:
 * they stay together.
 */
export async function deliverBatches(
  batches: Burst['ripe'],
  delivering: Delivering,
  signal: AbortSignal,
): Promise<readonly OutboxEntry[]> {
  const left = await beginAll([...new Set([...batches.values()].flat())], delivering)
  for (const [target, waiting] of batches) {
    if (signal.aborted) break
    const verdict = await tellTogether(target, waiting, delivering, signal)
    for (const entry of waiting) await settle(entry.notice.report.id, target, verdict, left, delivering)
  }
  return [...left.values()]
}

/** What is left of each entry, by crash. */
type Left = Map<string, OutboxEntry>

async function beginAll(entries: readonly OutboxEntry[], { outbox, now, random }: Delivering): Promise<Left> {
  const attempts = Math.max(...entries.map(entry => entry.attempts))
  const seconds = pauseSeconds(attempts + 1, random())
  const left: Left = new Map()
  for (const entry of entries) {
    const next = begun(entry, seconds, now())
    await outbox.write(next)
    left.set(entry.notice.report.id, next)
  }
  return left
}

async function settle(
  id: string,
  target: Target,
  verdict: Verdict,
  left: Left,
  { outbox, now }: Delivering,
): Promise<void> {
  const entry = left.get(id)! // Each is in there: they were made of the same.
  const next = settled(entry, target, verdict, now())
  await outbox.write(next)
  left.set(id, next)
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
