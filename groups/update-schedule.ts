/** How long after the first message of a group each further one is due; after the last of them, one a day. */
const UPDATES_SECONDS = [5 * 60, 15 * 60, 3600, 6 * 3600] as const
const DAY_SECONDS = 24 * 3600

/** A group without a crash for so long is over: the next crash of it is news again. */
export const QUIET_SECONDS = 3600

/**
 * Which update of a group is due: the number of the last one whose time has come, so that those which nobody told in
 * time are told as one; 0: none. `sinceFirstSeconds`: since the first message.
 */
export function updateDue(sinceFirstSeconds: number): number {
  const early = UPDATES_SECONDS.filter(seconds => seconds <= sinceFirstSeconds).length
  return early < UPDATES_SECONDS.length ? early : early + Math.floor(sinceFirstSeconds / DAY_SECONDS)
}
