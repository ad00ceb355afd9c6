import { OneByOne } from '../../time/one-by-one.ts'
import type { Deduplication } from './deduplication.ts'

// A process is held meanwhile. A disk that works takes some milliseconds.
const DEADLINE_SECONDS = 3

/** The same on a disk that may hang: methods reject then, and it is not asked again as long as it does. */
export function inTime(there: Deduplication, deadlineSeconds = DEADLINE_SECONDS): Deduplication {
  const disk = new OneByOne(deadlineSeconds)
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    const back = await disk.ask(async () => ({ answer: await call() }))
    if (back === null) throw new Error(`the disk was not back within ${deadlineSeconds} s`)
    return back.answer
  }
  return {
    deduplicate: (...crash) => ask(() => there.deduplicate(...crash)),
    settle: (...crash) => ask(() => there.settle(...crash)),
    leaveToOthers: (...crash) => ask(() => there.leaveToOthers(...crash)),
    withdraw: (...crash) => ask(() => there.withdraw(...crash)),
    remember: (...crash) => ask(() => there.remember(...crash)),
    reported: (...crash) => ask(() => there.reported(...crash)),
    leave: (...crash) => ask(() => there.leave(...crash)),
  }
}
