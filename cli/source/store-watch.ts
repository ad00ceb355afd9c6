import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { backoff } from '../../time/backoff.ts'
import { type Pause, pause } from '../../time/pause.ts'

/** A listing, which costs a request. */
const POLL_SECONDS = { first: 3, longest: 60 }
/** A core of a terabyte, or one that waited in a spool, is stored long after its crash. */
const RECENT_MS = 6 * 3_600_000

/** The crashes that are stored from now on, the oldest first. A store that does not answer is asked again. */
export async function* newOnes(
  recent: (since: Date) => AsyncIterable<IndexEntry>,
  signal: AbortSignal,
  wait: Pause = pause,
): AsyncGenerator<IndexEntry, void, void> {
  const since = () => new Date(Date.now() - RECENT_MS)
  let known = new Set((await all(recent(since()))).map(indexedFolder))
  for (let failures = 0; ; ) {
    await wait(backoff(POLL_SECONDS, failures + 1), signal)
    if (signal.aborted) return
    const found = await all(recent(since())).catch(() => null)
    failures = found === null ? failures + 1 : 0
    if (found === null) continue
    for (const entry of found.toReversed()) if (!known.has(indexedFolder(entry))) yield entry
    known = new Set(found.map(indexedFolder))
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
