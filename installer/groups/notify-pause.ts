/** Sooner than that nobody needs to hear of what goes on. */
const SHORTEST_SECONDS = 30
/** For each thousand names. At AWS these are $0.25, however many groups a cluster has. */
const MOST_LISTS_A_DAY = 50_000
const NAMES_OF_A_LIST = 1000
const DAY_SECONDS = 24 * 3600

/** From one look at all groups to the next, of which the last one found so many names. */
export function notifyPauseSeconds(names: number): number {
  const lists = Math.ceil(names / NAMES_OF_A_LIST)
  return Math.max(SHORTEST_SECONDS, (lists * DAY_SECONDS) / MOST_LISTS_A_DAY)
}
