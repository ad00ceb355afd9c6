import { addon } from '../handler/native/addon.ts'

const EVERY_MS = 60_000

/** For a program that waits most of the time: it needs little of what it needed to start. */
export function giveBackEachMinute(): void {
  setInterval(() => addon()?.giveBack(), EVERY_MS).unref()
}
