import { type ListedGroup, lastCountedMs } from './listed-group.ts'
import { QUIET_SECONDS, updateDue } from './update-schedule.ts'

/** What is to be done for a group now. */
export type NextStep =
  | { readonly do: 'nothing' }
  /** Message number `update` is due, if there are crashes that no message has told of. */
  | { readonly do: 'update'; readonly update: number; readonly after: number }
  /** It is over. `after`: the number of its last message. */
  | { readonly do: 'end'; readonly after: number }
  /** It is over, and people know. */
  | { readonly do: 'forget' }

/**
 * All times are the store's, but for `now`. Of a group that nobody has told of nothing is due: the node of each of its
 * crashes tells when the time of its limit is over, unless another one has.
 */
export function nextStep({ seen, told, quietAt }: ListedGroup, now: Date): NextStep {
  const newest = lastCountedMs({ seen })
  const first = told.get(0)
  if (quietAt !== null) return { do: 'forget' }
  if (first === undefined) return { do: 'nothing' }
  const after = Math.max(...told.keys())
  const lastTold = told.get(after) ?? first
  if (secondsFrom(Math.max(newest, lastTold.getTime()), now) >= QUIET_SECONDS) return { do: 'end', after }
  const update = updateDue(secondsFrom(first.getTime(), now))
  const hasGrown = newest > lastTold.getTime()
  return update > after && hasGrown ? { do: 'update', update, after } : { do: 'nothing' }
}

function secondsFrom(timeMs: number, now: Date): number {
  return (now.getTime() - timeMs) / 1000
}
