import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { MOST_ENTRIES } from '../../handoff/outbox-folder.ts'
import type { Target } from '../../notify/target.ts'
import { byAge } from './burst.ts'

/** The other half is for crashes that come until somebody looks again. */
const MOST_KEPT = MOST_ENTRIES / 2

/**
 * What of `entries` has to go so that no destination that is away fills the outbox, and keeps others from being told:
 * of which destination, the oldest of those that were tried. It is taken from who has the most, again and again, until
 * `most` entries are left.
 */
export function surplusOf(
  entries: readonly OutboxEntry[],
  most = MOST_KEPT,
): ReadonlyMap<Target, readonly OutboxEntry[]> {
  const surplus = new Map<Target, OutboxEntry[]>()
  const waiting = triedByTarget(entries)
  const pending = new Map(entries.map(entry => [entry, entry.pending.length]))
  while (pending.size > most) {
    const [target, tried] = longest(waiting)
    const entry = tried?.pop()
    if (target === undefined || entry === undefined) break
    push(surplus, target, entry)
    const left = (pending.get(entry) ?? 0) - 1
    if (left > 0) pending.set(entry, left)
    else pending.delete(entry)
  }
  return surplus
}

/** The oldest last. */
function triedByTarget(entries: readonly OutboxEntry[]): ReadonlyMap<Target, OutboxEntry[]> {
  const waiting = new Map<Target, OutboxEntry[]>()
  const tried = entries.filter(({ attempts }) => attempts > 0).toSorted((one, other) => byAge(other, one))
  for (const entry of tried) for (const target of entry.pending) push(waiting, target, entry)
  return waiting
}

function push(map: Map<Target, OutboxEntry[]>, target: Target, entry: OutboxEntry): void {
  const of = map.get(target)
  if (of === undefined) map.set(target, [entry])
  else of.push(entry)
}

function longest(
  waiting: ReadonlyMap<Target, OutboxEntry[]>,
): readonly [Target, OutboxEntry[]] | readonly [undefined, undefined] {
  let most: readonly [Target, OutboxEntry[]] | undefined
  for (const one of waiting) if (one[1].length > (most?.[1].length ?? 0)) most = one
  return most ?? [undefined, undefined]
}
