import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Target } from '../../notify/target.ts'
import { type Delivering, without } from './delivery.ts'
import { surplusOf } from './surplus.ts'

export interface Clearing extends Pick<Delivering, 'outbox' | 'destinationOf' | 'metrics' | 'log'> {
  /** So many entries may wait. Tests take less. */
  readonly mostKept?: number
}

const HINT = 'It has not taken anything for long. Mend it, or take it out of the configuration.'

/**
 * Drops of `entries` what {@link surplusOf} says, and says so: a destination that is away costs no other one its
 * messages. Resolves with what is left of them.
 */
export async function makeRoom(
  entries: readonly OutboxEntry[],
  clearing: Clearing,
): Promise<readonly OutboxEntry[]> {
  const left = new Map(entries.map(entry => [entry, entry]))
  for (const [target, dropped] of surplusOf(entries, clearing.mostKept)) {
    for (const entry of dropped) left.set(entry, without(left.get(entry) ?? entry, target))
    tell(target, dropped.length, clearing)
  }
  for (const [entry, rest] of left) if (rest !== entry) await shrink(entry, rest, clearing)
  return [...left.values()].filter(({ pending }) => pending.length > 0)
}

function tell(target: Target, crashes: number, { destinationOf, metrics, log }: Clearing): void {
  const destination = destinationOf(target)
  if (destination !== null) metrics.countDelivery(destination.kind, 'failed', crashes)
  log.error({ to: destination?.name ?? target, crashes, hint: HINT }, 'delivery given up: too many wait')
}

/** What was told since it was read stays told. */
async function shrink(entry: OutboxEntry, rest: OutboxEntry, { outbox }: Clearing): Promise<void> {
  const found = await outbox.read(entry.notice.report.id)
  if (found === null || typeof found === 'string') return
  await outbox.write({ ...found, pending: found.pending.filter(target => rest.pending.includes(target)) })
}
