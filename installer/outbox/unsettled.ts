import type { OutboxEntry } from '../../handoff/outbox-entry.ts'

/** So long it may take to find out who tells of a group; then people are told, twice at the worst. */
const SETTLED_WITHIN_SECONDS = 180
/** Of a crash that is only counted: a store that is away for ten minutes makes no thousand nodes tell of what is known. */
const COUNTED_SETTLED_WITHIN_SECONDS = 900

/** Whether it is still to be found out who tells people of it: its group is counted by all nodes together. */
export function isUnsettled({ notice, firstAt, attempts }: OutboxEntry, now: Date): boolean {
  if (notice.group === undefined || attempts > 0) return false
  const longest = notice.outcome === 'suppressed' ? COUNTED_SETTLED_WITHIN_SECONDS : SETTLED_WITHIN_SECONDS
  return Math.abs(now.getTime() - Date.parse(firstAt)) < longest * 1000
}
