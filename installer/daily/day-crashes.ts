import { type Day, startOf } from '../../crash/daily-key.ts'
import { clusterIn, hourPrefix, indexedFolder } from '../../crash/index-entry.ts'
import { type Indexed, indexedIn } from '../../crash-index/indexed.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

export interface OneDay {
  /** As it is called; empty: it has no name. */
  readonly cluster: string
  readonly day: Day
  readonly signal: AbortSignal
}

/** The crashes of a cluster on one day, as the index has them, each once. */
export async function* crashesOf(
  store: Pick<ObjectStore, 'list'>,
  { cluster, day, signal }: OneDay,
): AsyncGenerator<Indexed, void, void> {
  const ours = clusterIn(cluster)
  let last: Indexed | null = null
  for await (const object of store.list(prefixOf(day))) {
    signal.throwIfAborted()
    const indexed = indexedIn(object)
    if (indexed === null || indexed.entry.cluster !== ours) continue
    // Of a crash that has two names the later one knows more, or as much.
    if (last !== null && indexedFolder(last.entry) !== indexedFolder(indexed.entry)) yield last
    last = indexed
  }
  if (last !== null) yield last
}

/** Without the hour. */
function prefixOf(day: Day): string {
  return hourPrefix(startOf(day)).slice(0, -'00/'.length)
}
