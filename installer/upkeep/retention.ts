import type { Logger } from 'pino'
import type { RetentionConfig } from '../../config/config.ts'
import { crashObjects } from '../../crash-index/crash-objects.ts'
import { crashesAmong, type StoredCrash } from '../../crash-index/stored-crash.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { OfOthers } from './foreign-crash.ts'
import { removeCrash } from './removal.ts'
import { Surplus } from './surplus.ts'

interface Retaining {
  /** The file in which a removal is written down before it begins. */
  readonly journal: string
  readonly now: Date
  readonly log: Logger
  readonly signal?: AbortSignal
  readonly mostInARound?: number
  /** Asked of each crash before it is removed. */
  readonly ofOthers?: OfOthers
  /** Told of each crash that is stored. */
  readonly onCrash?: (crash: StoredCrash) => void
}

const OWN_FOLDERS =
  'They count towards the limits of this one. With `StorageConfig.keyPrefix: cluster` each has a folder of its own.'

type Store = Pick<ObjectStore, 'list' | 'remove'>

/**
 * Removes of each namespace what is over its limits, the oldest first; nothing that does not look like a
 * crash of ours, and nothing of another cluster, although that counts where two share the folder. Resolves
 * with whether there is more than one round removes.
 */
export async function applyRetention(
  store: Store,
  limits: RetentionConfig,
  {
    journal,
    now,
    log,
    signal,
    mostInARound = 1000,
    ofOthers = async () => false,
    onCrash = () => undefined,
  }: Retaining,
): Promise<boolean> {
  if (!isLimited(limits)) return false
  let removed = 0
  let bytes = 0
  let foreign = 0
  for await (const crash of surplus(store, { mostInARound, onCrash }, ofOne => ofOne.beyond(limits, now))) {
    signal?.throwIfAborted()
    if (await ofOthers(crash)) {
      foreign += 1
      continue
    }
    await removeCrash(crash, store, journal)
    removed += 1
    bytes += crash.bytes
    if (removed === mostInARound) break
  }
  if (foreign > 0) log.warn({ crashes: foreign, hint: OWN_FOLDERS }, 'crashes of another cluster left alone')
  if (removed > 0) log.info({ removed, bytes, ...limits }, 'old crashes removed')
  return removed === mostInARound
}

/** Whether anything is ever removed. */
export function isLimited({ maxAgeSeconds, maxCount, maxBytes }: RetentionConfig): boolean {
  return maxAgeSeconds > 0 || maxCount > 0 || maxBytes > 0
}

/** What is over in one namespace after the other. */
async function* surplus(
  store: Store,
  { mostInARound, onCrash }: Required<Pick<Retaining, 'mostInARound' | 'onCrash'>>,
  beyond: (surplus: Surplus) => readonly StoredCrash[],
): AsyncGenerator<StoredCrash> {
  let namespace: string | null = null
  let ofOne = new Surplus(mostInARound)
  for await (const crash of crashesAmong(crashObjects(store))) {
    if (crash.namespace !== namespace) {
      yield* beyond(ofOne)
      namespace = crash.namespace
      ofOne = new Surplus(mostInARound)
    }
    ofOne.add(crash)
    onCrash(crash)
  }
  yield* beyond(ofOne)
}
