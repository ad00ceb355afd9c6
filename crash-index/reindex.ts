import { entryOfReport } from '../crash/entry-of-report.ts'
import { clusterIn, entryOfFolder, type IndexEntry } from '../crash/index-entry.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { addNames } from './add-names.ts'
import { CrashIndex } from './crash-index.ts'
import { crashObjects } from './crash-objects.ts'
import { readReport } from './read-report.ts'
import { counted, type Found, NONE_LOOKED_AT, type Reindexed } from './reindexed.ts'
import { crashesAmong, type StoredCrash } from './stored-crash.ts'

interface Reindexing {
  /** Ours; empty: it has no name. */
  readonly cluster: string
  /** What it was called before. */
  readonly formerly?: readonly string[]
  readonly signal: AbortSignal
  readonly onProgress?: (sofar: Reindexed) => void
  /** Of a crash of which it is known that it has names the store is not asked. */
  readonly isKnown?: (entry: IndexEntry) => boolean
  /** Gets what has no report, or one that cannot be read. */
  readonly onUnread?: (crash: StoredCrash) => Promise<void>
}

type Store = Pick<ObjectStore, 'get' | 'list' | 'put' | 'remove'>

/** Each is three or four requests. */
const SIDE_BY_SIDE = 8

/**
 * Gives names in the index to the crashes that have none, as those of releases before there was one. What is there
 * stays, so that it may be ended at any time and begun again. Whose a crash is, its folder says.
 */
export async function reindex(store: Store, reindexing: Reindexing): Promise<Reindexed> {
  const { cluster, signal, onProgress, isKnown, onUnread } = reindexing
  let sofar = NONE_LOOKED_AT
  let waiting: StoredCrash[] = []
  const take = async () => {
    const found = await Promise.all(waiting.map(crash => nameIfNew(store, crash, reindexing)))
    for (const [at, { as }] of found.entries())
      if (as === 'unread' && waiting[at] !== undefined) await onUnread?.(waiting[at])
    waiting = []
    sofar = found.reduce(counted, sofar)
    onProgress?.(sofar)
  }
  for await (const crash of crashesAmong(crashObjects(store))) {
    if (signal.aborted) return sofar
    const entry = entryOfFolder(crash.folder, cluster)
    if (entry === null || isKnown?.(entry) === true) continue
    if (!crash.names.includes('report.json')) await onUnread?.(crash)
    else if (waiting.push(crash) === SIDE_BY_SIDE) await take()
  }
  await take()
  return sofar
}

async function nameIfNew(
  store: Store,
  { folder }: StoredCrash,
  { cluster, formerly = [] }: Reindexing,
): Promise<Found> {
  const index = new CrashIndex(store)
  const entry = entryOfFolder(folder, cluster)
  if (entry === null) return { as: 'unread', folder }
  if ((await index.find(entry)) !== null) return { as: 'known' }
  const report = await readReport(store, entry)
  if (report === null) return { as: 'unread', folder }
  // A report can only take a crash out of sight, and bring none into it.
  const named = report.node?.cluster
  if (named !== undefined && ![cluster, ...formerly].includes(named)) return { as: 'foreign', cluster: named }
  const others = (await index.clustersOf(entry)).filter(other => other !== entry.cluster)
  if (formerly.some(name => others.includes(clusterIn(name)))) return { as: 'known' }
  const claimed = others.find(other => other !== UNNAMED)
  if (claimed !== undefined) return { as: 'foreign', cluster: claimed }
  // Its handler ran before the installer of its node knew what the cluster is called. Who is ended behind it begins
  // again with a crash that has no name.
  if (others.length > 0) await index.forget({ ...entry, cluster: UNNAMED })
  await addNames(store, entryOfReport(folder, report, cluster) ?? entry)
  return { as: 'added' }
}

const UNNAMED = clusterIn('')
