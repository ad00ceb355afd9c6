import {
  clusterIndexPrefix,
  type IndexEntry,
  indexedFolder,
  namespaceIndexPrefix,
  timeIndexKey,
} from '../crash/index-entry.ts'
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts'
import { indexedIn } from './indexed.ts'

/** A stored crash as the index has it. */
export interface NamedCrash {
  readonly entry: IndexEntry
  /** All names that it has: more than two where a handler that was killed knew less of it. */
  readonly names: readonly string[]
}

interface Which {
  /** As a cluster is and was called: one after the other, a crash may be named by any. Empty: it has no name. */
  readonly clusters: readonly string[]
  /** First segment of a folder; absent: all of them, one after the other. */
  readonly namespace?: string
  readonly signal?: AbortSignal
}

/** The crashes of a cluster, one namespace after the other, the newest of each first. */
export async function* namedCrashes(
  store: Pick<ObjectStore, 'list'>,
  { clusters, namespace, signal }: Which,
): AsyncGenerator<NamedCrash, void, void> {
  const prefixes = new Set(
    clusters.map(cluster =>
      namespace === undefined ? clusterIndexPrefix(cluster) : namespaceIndexPrefix({ cluster, namespace }),
    ),
  )
  let crash: NamedCrash | null = null
  for await (const object of inOrder([...prefixes].map(prefix => ({ prefix, list: store.list(prefix) })))) {
    signal?.throwIfAborted()
    const named = namedIn(object)
    if (named === null) continue
    if (crash !== null && indexedFolder(crash.entry) !== indexedFolder(named.entry)) {
      yield crash
      crash = null
    }
    // The later name of the two knows more, or as much.
    crash = crash === null ? named : { entry: named.entry, names: [...crash.names, ...named.names] }
  }
  if (crash !== null) yield crash
}

function namedIn(object: ObjectInfo): NamedCrash | null {
  const indexed = indexedIn(object)
  return indexed && { entry: indexed.entry, names: [timeIndexKey(indexed.entry), indexed.key] }
}

interface Listing {
  readonly prefix: string
  readonly list: AsyncIterable<ObjectInfo>
}

/** Of several listings that are in order each, all in order of what comes behind their prefix. */
async function* inOrder(listings: readonly Listing[]): AsyncGenerator<ObjectInfo, void, void> {
  const open: { readonly prefix: string; readonly rest: AsyncIterator<ObjectInfo>; next: ObjectInfo }[] = []
  for (const { prefix, list } of listings) {
    const rest = list[Symbol.asyncIterator]()
    const first = await rest.next()
    if (first.done !== true) open.push({ prefix, rest, next: first.value })
  }
  while (open.length > 0) {
    const least = open.reduce((one, other) => (behind(other) < behind(one) ? other : one))
    yield least.next
    const following = await least.rest.next()
    if (following.done === true) open.splice(open.indexOf(least), 1)
    else least.next = following.value
  }
}

function behind({ prefix, next }: { readonly prefix: string; readonly next: ObjectInfo }): string {
  return next.key.slice(prefix.length)
}
