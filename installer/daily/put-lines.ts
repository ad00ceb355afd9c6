import type { ObjectStore } from '../../storage/object-store.ts'
import { unanswered } from '../../storage/parts/lost-error.ts'
import { zipped } from './zipped-lines.ts'

/** By it a store sizes its parts: the least there are. */
const MOST_BYTES = 4 * 1024 ** 3

/** Stores lines as they come, compressed: all or nothing. Resolves with how many there were. */
export async function putLines(
  store: Pick<ObjectStore, 'put'>,
  key: string,
  lines: AsyncIterable<string>,
): Promise<number> {
  let count = 0
  const counted = async function* () {
    for await (const line of lines) {
      count += 1
      yield line
    }
  }
  if ((await store.put(key, zipped(counted()), MOST_BYTES)) === 'unanswered') throw unanswered()
  return count
}
