import { GROUPS, groupFolderIn } from '../../crash/group-key.ts'
import { clusterIn, entryOfFolder } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'
import { currentSummary } from '../../groups/current-summary.ts'
import { groupsAmong, type ListedGroup, lastCountedMs } from '../../groups/listed-group.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { inParallel } from '../../time/in-parallel.ts'
import type { DailyGroup } from './group-line.ts'
import { ReadBudget } from './read-budget.ts'

export interface Span {
  /** As it is called; empty: it has no name. */
  readonly cluster: string
  readonly since: Date
  readonly before: Date
  readonly signal: AbortSignal
}

type Store = GroupStore & Pick<ObjectStore, 'location'>

const AT_ONCE = 16

/** The groups of a cluster that were counted since, by what was counted until now; without those that are younger. */
export async function* groupsOf(store: Store, span: Span): AsyncGenerator<DailyGroup, void, void> {
  const budget = new ReadBudget()
  for await (const some of batches(activeIn(store, span))) {
    const found = await inParallel(some, AT_ONCE, group => dailyGroup(store, group, span, budget))
    yield* found.filter(group => group !== null)
  }
}

async function* activeIn(
  store: Pick<ObjectStore, 'list'>,
  { cluster, since, signal }: Span,
): AsyncGenerator<ListedGroup> {
  for await (const group of groupsAmong(store.list(`${GROUPS}/${clusterIn(cluster)}/`))) {
    signal.throwIfAborted()
    if (lastCountedMs(group) >= since.getTime() && groupFolderIn(`${group.folder}/seen`) !== null) yield group
  }
}

async function* batches(groups: AsyncIterable<ListedGroup>): AsyncGenerator<readonly ListedGroup[]> {
  let batch: ListedGroup[] = []
  for await (const group of groups) {
    if (batch.push(group) < AT_ONCE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** `null`: nobody counts it, or its first crash came later. */
async function dailyGroup(
  store: Store,
  listed: ListedGroup,
  { cluster, before, signal }: Span,
  budget: ReadBudget,
): Promise<DailyGroup | null> {
  const { folder } = listed
  const reading = { mayRead: (objects: number) => budget.has(objects), signal }
  const summary = await currentSummary(new CrashGroup(store, folder), listed, reading)
  if (summary === null || summary.first >= before) return null
  const report = await reportOf(store, cluster, { folder, newest: summary.folder }, signal, budget)
  return { folder, summary, report, url: report && store.location(`${summary.folder}/report.json`) }
}

interface Newest {
  readonly folder: string
  /** Folder of the newest crash that has a report, as a node says. */
  readonly newest: string | undefined
}

/** Of another namespace it is nobody's of that group. */
async function reportOf(
  store: Store,
  cluster: string,
  { folder, newest }: Newest,
  signal: AbortSignal,
  budget: ReadBudget,
): Promise<CrashReport | null> {
  const entry = newest === undefined ? null : entryOfFolder(newest, cluster)
  if (entry === null || entry.namespace !== folder.split('/')[2] || !budget.has(1)) return null
  return await readReport(store, entry, signal)
}
