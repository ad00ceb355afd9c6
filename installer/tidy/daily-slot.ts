import { createHash } from 'node:crypto'

const DAY_SECONDS = 86_400

/** The second of each day, UTC, at which this node does what one node does for all. */
export function dailySlot(nodeName: string): number {
  return createHash('sha256').update(nodeName).digest().readUInt32BE() % DAY_SECONDS
}

/** Until it comes next; a day, if it is just now. */
export function secondsUntilDailySlot(nodeName: string, now: Date): number {
  const secondOfDay = (now.getTime() / 1000) % DAY_SECONDS
  const left = dailySlot(nodeName) - secondOfDay
  return left > 0 ? left : left + DAY_SECONDS
}
