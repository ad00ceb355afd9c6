import { dailyKey } from '../../crash/daily-key.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { unanswered } from '../../storage/parts/lost-error.ts'
import { type CrashLine, crashLine, parseCrashLine } from './crash-line.ts'
import { crashesOf, type OneDay } from './day-crashes.ts'
import { merged } from './merged-lines.ts'
import { unzipped, zipped } from './zipped-lines.ts'

export type DailyStore = Pick<ObjectStore, 'get' | 'list' | 'put' | 'location'>

/** By it a store sizes its parts: the least there are. */
const MOST_BYTES = 4 * 1024 ** 3

/**
 * Writes the crashes of a day, of which there may be millions: one after the other goes from the index into the file,
 * and what the file had before stays. Resolves with how many there are.
 */
export async function writeCrashes(store: DailyStore, oneDay: OneDay): Promise<number> {
  let crashes = 0
  const lines = async function* () {
    for await (const { text } of merged(writtenIn(store, oneDay), listedOf(store, oneDay))) {
      crashes += 1
      yield text
    }
  }
  if ((await store.put(keyOf(oneDay), zipped(lines()), MOST_BYTES)) === 'unanswered') throw unanswered()
  return crashes
}

async function* listedOf(store: DailyStore, oneDay: OneDay): AsyncGenerator<CrashLine> {
  for await (const { entry } of crashesOf(store, oneDay)) yield crashLine(entry, key => store.location(key))
}

async function* writtenIn(store: DailyStore, oneDay: OneDay): AsyncGenerator<CrashLine> {
  const { signal } = oneDay
  try {
    for await (const text of unzipped(await store.get(keyOf(oneDay), { signal }))) {
      const line = parseCrashLine(text, oneDay.day)
      if (line !== null) yield line
    }
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause
  }
}

function keyOf({ cluster, day }: OneDay): string {
  return dailyKey({ table: 'crashes', cluster, day })
}
