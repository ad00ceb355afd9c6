import type { Logger } from 'pino'
import type { RetentionConfig } from '../../config/config.ts'
import { indexedFolder } from '../../crash/index-entry.ts'
import { type NamedCrash, namedCrashes } from '../../crash-index/named-crashes.ts'
import { CRASH_FILES } from '../../crash-index/stored-crash.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { NamespaceSurvey } from './namespace-survey.ts'
import type { OldestCrashes } from './oldest-crashes.ts'
import type { RemovalBatches } from './removal-batches.ts'

interface Retaining {
  /** As the cluster is and was called; empty: it has no name. */
  readonly clusters: readonly string[]
  readonly limits: RetentionConfig
  readonly removal: Pick<RemovalBatches, 'add' | 'end'>
  /** Is told of each namespace since when it has crashes. */
  readonly oldest: OldestCrashes
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

/** What was removed. */
interface Removed {
  readonly crashes: number
  readonly bytes: number
}

type Store = Pick<ObjectStore, 'list'>

/**
 * Removes of each namespace what is over its limits, by the names of the index: one listing of them all, and another one
 * of each namespace that is over. What a crash has is told by its folder, and listed by nobody.
 */
export async function applyRetention(store: Store, retaining: Retaining): Promise<void> {
  const { limits, removal, log } = retaining
  if (!isLimited(limits)) return
  let [removed, bytes] = [0, 0]
  for await (const { namespace, survey } of surveys(store, retaining)) {
    retaining.oldest.note(namespace, survey.oldest)
    if (!survey.isOver(retaining.now)) continue
    const ofOne = await removeSurplus(store, namespace, survey, retaining)
    removed += ofOne.crashes
    bytes += ofOne.bytes
  }
  await removal.end()
  if (removed > 0) log.info({ removed, bytes, ...limits }, 'old crashes removed')
}

/** Whether anything is ever removed. */
export function isLimited({ maxAgeSeconds, maxCount, maxBytes }: RetentionConfig): boolean {
  return maxAgeSeconds > 0 || maxCount > 0 || maxBytes > 0
}

interface Surveyed {
  readonly namespace: string
  readonly survey: NamespaceSurvey
}

async function* surveys(
  store: Store,
  { clusters, limits, signal }: Pick<Retaining, 'clusters' | 'limits' | 'signal'>,
): AsyncGenerator<Surveyed> {
  const of = (namespace: string): Surveyed => ({ namespace, survey: new NamespaceSurvey(limits) })
  let last = of('')
  for await (const { entry } of namedCrashes(store, { clusters, signal })) {
    if (last.namespace !== entry.namespace) {
      yield last
      last = of(entry.namespace)
    }
    last.survey.add(entry)
  }
  yield last
}

async function removeSurplus(
  store: Store,
  namespace: string,
  survey: NamespaceSurvey,
  { clusters, removal, now, signal }: Retaining,
): Promise<Removed> {
  const isOver = survey.judge(now)
  let [crashes, bytes] = [0, 0]
  for await (const crash of namedCrashes(store, { clusters, namespace, signal })) {
    if (!isOver(crash.entry)) continue
    await removal.add(keysOf(crash))
    crashes += 1
    bytes += crash.entry.storedBytes
  }
  return { crashes, bytes }
}

/** All that a crash can have. Its names go last where they go one by one: by them it is found again. */
function keysOf({ entry, names }: NamedCrash): readonly string[] {
  const folder = indexedFolder(entry)
  return [...CRASH_FILES.map(name => `${folder}/${name}`), ...names]
}
