import path from 'node:path'
import type { Logger } from 'pino'
import { BY_NAMESPACE, parseIndexKey } from '../../crash/index-entry.ts'
import { reindex } from '../../crash-index/reindex.ts'
import type { StoredCrash } from '../../crash-index/stored-crash.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { KnownCrashes } from './known-crashes.ts'
import type { RemovalBatches } from './removal-batches.ts'

interface Naming {
  /** As the cluster is and was called; empty: it has no name. */
  readonly clusters: readonly string[]
  /** Of what has no report that can be read; 0: it stays. */
  readonly maxAgeSeconds: number
  readonly removal: Pick<RemovalBatches, 'add' | 'end'>
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

type Store = Pick<ObjectStore, 'get' | 'list' | 'put' | 'remove'>

/**
 * Gives names to the crashes that the index does not have, as those of releases before there was one: by them retention
 * goes. All that is stored is listed for it, so it is done rarely. What has no report is no crash, and goes by its age.
 */
export async function nameNameless(store: Store, naming: Naming): Promise<void> {
  const { clusters, removal, signal, log } = naming
  const known = await knownIn(store, signal)
  const [cluster = '', ...formerly] = clusters
  let remains = 0
  const { added } = await reindex(store, {
    ...{ cluster, formerly, signal },
    isKnown: ({ id }) => known.mayHave(id),
    onUnread: async crash => {
      if (!isOver(crash, naming)) return
      await removal.add(crash.names.map(name => path.posix.join(crash.folder, name)))
      remains += 1
    },
  })
  await removal.end()
  signal.throwIfAborted()
  if (added > 0) log.info({ crashes: added }, 'crashes of before there was an index are in it')
  if (remains > 0) log.info({ removed: remains }, 'remains of crashes without a report removed')
}

/** Of all clusters: what another one has named is its own. */
async function knownIn(store: Pick<ObjectStore, 'list'>, signal: AbortSignal): Promise<KnownCrashes> {
  const known = new KnownCrashes()
  for await (const { key } of store.list(BY_NAMESPACE)) {
    signal.throwIfAborted()
    const entry = parseIndexKey(key)
    if (entry !== null) known.add(entry.id)
  }
  return known
}

function isOver({ time }: StoredCrash, { maxAgeSeconds, now }: Naming): boolean {
  return maxAgeSeconds > 0 && now.getTime() - time.getTime() > maxAgeSeconds * 1000
}
