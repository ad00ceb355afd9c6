import { entryOfReport } from '../crash/entry-of-report.ts'
import { clusterIn, entryOfFolder, type IndexEntry, indexedFolder } from '../crash/index-entry.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { addNames } from './add-names.ts'
import { CrashIndex } from './crash-index.ts'
import { crashObjects } from './crash-objects.ts'
import { readReport } from './read-report.ts'
import { counted, type Found, NONE_LOOKED_AT, type Reindexed } from './reindexed.ts'
import { crashesAmong } from './stored-crash.ts'

interface Reindexing {
  /** Ours; empty: it has no name. */
  readonly cluster: string
  readonly signal: AbortSignal
  readonly onProgress: (sofar: Reindexed) => void
}

type Store = Pick<ObjectStore, 'get' | 'list' | 'put' | 'remove'>

/** Each is three or four requests. */
const SIDE_BY_SIDE = 8

/**
 * Gives names in the index to the crashes that have none, as those of releases before there was one. What is there
 * stays, so that it may be ended at any time and begun again. Whose a crash is, its folder says.
 */
export async function reindex(store: Store, { cluster, signal, onProgress }: Reindexing): Promise<Reindexed> {
  let sofar = NONE_LOOKED_AT
  const take = async (entries: readonly IndexEntry[]) => {
    const found = await Promise.all(entries.map(entry => nameIfNew(store, entry, cluster)))
    sofar = found.reduce(counted, sofar)
    onProgress(sofar)
  }
  let waiting: IndexEntry[] = []
  for await (const { folder, names } of crashesAmong(crashObjects(store))) {
    if (signal.aborted) return sofar
    const entry = names.includes('report.json') ? entryOfFolder(folder, cluster) : null
    if (entry === null) continue
    waiting.push(entry)
    if (waiting.length < SIDE_BY_SIDE) continue
    await take(waiting)
    waiting = []
  }
  await take(waiting)
  return sofar
}

async function nameIfNew(store: Store, entry: IndexEntry, cluster: string): Promise<Found> {
  const index = new CrashIndex(store)
  if ((await index.find(entry)) !== null) return { as: 'known' }
  const folder = indexedFolder(entry)
  const report = await readReport(store, entry)
  if (report === null) return { as: 'unread', folder }
  // A report can only take a crash out of sight, and bring none into it.
  const named = report.node?.cluster
  if (named !== undefined && named !== cluster) return { as: 'foreign', cluster: named }
  const others = (await index.clustersOf(entry)).filter(other => other !== entry.cluster)
  const claimed = others.find(other => other !== UNNAMED)
  if (claimed !== undefined) return { as: 'foreign', cluster: claimed }
  // Its handler ran before the installer of its node knew what the cluster is called. Who is ended behind it begins
  // again with a crash that has no name.
  if (others.length > 0) await index.forget({ ...entry, cluster: UNNAMED })
  await addNames(store, entryOfReport(folder, report, cluster) ?? entry)
  return { as: 'added' }
}

const UNNAMED = clusterIn('')
