import { dailyKey } from '../../crash/daily-key.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { type CrashLine, crashLine, parseCrashLine } from './crash-line.ts'
import { crashesOf, type OneDay } from './day-crashes.ts'
import { merged } from './merged-lines.ts'
import { putLines } from './put-lines.ts'
import { unzipped } from './zipped-lines.ts'

type Store = Pick<ObjectStore, 'get' | 'list' | 'put' | 'location'>

/**
 * Writes the crashes of a day, of which there may be millions: one after the other goes from the index into the file,
 * and what the file had before stays. Resolves with how many there are.
 */
export async function writeCrashes(store: Store, oneDay: OneDay): Promise<number> {
  return await putLines(store, keyOf(oneDay), textsOf(store, oneDay))
}

async function* textsOf(store: Store, oneDay: OneDay): AsyncGenerator<string> {
  for await (const { text } of merged(writtenIn(store, oneDay), listedOf(store, oneDay))) yield text
}

async function* listedOf(store: Store, oneDay: OneDay): AsyncGenerator<CrashLine> {
  for await (const { entry } of crashesOf(store, oneDay)) yield crashLine(entry, key => store.location(key))
}

async function* writtenIn(store: Store, oneDay: OneDay): AsyncGenerator<CrashLine> {
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
