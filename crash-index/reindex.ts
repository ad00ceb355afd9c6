import { entryOfReport } from '../crash/entry-of-report.ts'
import { entryOfFolder, type IndexEntry, indexedFolder } from '../crash/index-entry.ts'
import type { CrashReport } from '../crash/report.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { addNames } from './add-names.ts'
import { CrashIndex } from './crash-index.ts'
import { crashObjects } from './crash-objects.ts'
import { readReport } from './read-report.ts'
import { crashesAmong } from './stored-crash.ts'

/** How many crashes were looked at, and what was found of them. */
export interface Reindexed {
  readonly looked: number
  readonly added: number
  readonly known: number
  /** Those of which the report names another cluster: they are left to that one. */
  readonly foreign: number
  /** Those of which the report cannot be read: nothing says that they are ours. */
  readonly unread: number
}

interface Reindexing {
  /** Ours; empty: it has no name. */
  readonly cluster: string
  readonly signal: AbortSignal
  readonly onProgress: (sofar: Reindexed) => void
}

type Store = Pick<ObjectStore, 'get' | 'list' | 'put' | 'remove'>
type Found = 'added' | 'known' | 'foreign' | 'unread'

/** Each is three or four requests. */
const SIDE_BY_SIDE = 8

/**
 * Gives names in the index to the crashes that have none, as those of releases before there was one. What is there
 * stays, so that it may be ended at any time and begun again. Whose a crash is, its folder says.
 */
export async function reindex(store: Store, { cluster, signal, onProgress }: Reindexing): Promise<Reindexed> {
  let sofar: Reindexed = { looked: 0, added: 0, known: 0, foreign: 0, unread: 0 }
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

function counted(sofar: Reindexed, found: Found): Reindexed {
  return { ...sofar, looked: sofar.looked + 1, [found]: sofar[found] + 1 }
}

async function nameIfNew(store: Store, entry: IndexEntry, cluster: string): Promise<Found> {
  if ((await new CrashIndex(store).find(entry)) !== null) return 'known'
  const report = await readReport(store, entry)
  if (report === null) return 'unread'
  if (isOfAnother(report, cluster)) return 'foreign'
  await addNames(store, entryOfReport(indexedFolder(entry), report, cluster) ?? entry)
  return 'added'
}

/** A report can only take a crash out of sight, and bring none into it. */
function isOfAnother({ node }: CrashReport, cluster: string): boolean {
  const named = node?.cluster
  return named !== undefined && named !== cluster
}
