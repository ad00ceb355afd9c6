import { clusterIn, hourPrefix, type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { indexedIn } from '../../crash-index/indexed.ts'
import { namedCrashes } from '../../crash-index/named-crashes.ts'
import { hourOf } from '../../crash-index/newest-first.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Usage } from './usage.ts'

interface Summing {
  /** How the cluster is and was called. */
  readonly clusters: readonly string[]
  readonly now: Date
  readonly signal: AbortSignal
}

type Store = Pick<ObjectStore, 'list'>
type Sums = Map<string, number>

const HOUR_MS = 3_600_000
/** More than a cluster has: whoever may write to the store may name as many as they like. */
const MOST_NAMESPACES = 20_000

/** All of the index, up to the last hours. */
export async function sumAll(
  store: Store,
  { clusters, now, signal }: Summing,
): Promise<Pick<Usage, 'summedAt' | 'until' | 'bytes'>> {
  const until = new Date(hourOf(now.getTime()) - HOUR_MS)
  const bytes: Sums = new Map()
  for await (const { entry } of namedCrashes(store, { clusters, signal }))
    if (entry.time < until) add(bytes, entry.namespace, entry.storedBytes)
  return { summedAt: now, until, bytes }
}

/**
 * What came since, by the hours of the index: those that are over count for good, as what comes late is in the next sum
 * of all. `used` has the others, too.
 */
export async function sumSince(
  store: Store,
  usage: Usage,
  summing: Summing,
): Promise<{ readonly usage: Usage; readonly used: ReadonlyMap<string, number> }> {
  const nowMs = summing.now.getTime()
  const bytes = new Map(usage.bytes)
  const used = new Map(usage.bytes)
  let until = usage.until.getTime()
  // Of the hour to come are crashes of nodes whose clocks are ahead.
  for (let hour = until; hour <= hourOf(nowMs) + HOUR_MS; hour += HOUR_MS) {
    const isOver = hour < hourOf(nowMs) - HOUR_MS
    for (const [namespace, sum] of await sumHour(store, new Date(hour), summing)) {
      add(used, namespace, sum)
      if (isOver) add(bytes, namespace, sum)
    }
    if (isOver) until = hour + HOUR_MS
  }
  return { usage: { ...usage, until: new Date(until), bytes }, used }
}

/** One of which less was known at first has two names, which stand together. */
async function sumHour(store: Store, hour: Date, { clusters, signal }: Summing): Promise<Sums> {
  const ours = new Set(clusters.map(clusterIn))
  const sums: Sums = new Map()
  let last: IndexEntry | null = null
  for await (const object of store.list(hourPrefix(hour))) {
    signal.throwIfAborted()
    const entry = indexedIn(object)?.entry
    if (entry === undefined || !ours.has(entry.cluster)) continue
    const isSame = last !== null && indexedFolder(last) === indexedFolder(entry)
    const known = isSame ? (last?.storedBytes ?? 0) : 0
    add(sums, entry.namespace, Math.max(entry.storedBytes - known, 0))
    last = entry
  }
  return sums
}

function add(sums: Sums, namespace: string, bytes: number): void {
  const sum = sums.get(namespace)
  if (sum === undefined && sums.size === MOST_NAMESPACES) return
  sums.set(namespace, Math.min((sum ?? 0) + bytes, Number.MAX_SAFE_INTEGER))
}
