import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { upkeepFolder } from '../../crash/upkeep-key.ts'
import type { Host } from '../../handoff/host.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { anySignal } from '../../time/any-signal.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { REAL_CLOCK } from '../../time/rate-limiter.ts'
import { openHostStore } from '../supply/host-store.ts'
import { uploadsInSpool } from '../tidy/spool-remains.ts'
import { abortAbandoned } from './abandoned-uploads.ts'
import { foreignTo } from './foreign-crash.ts'
import type { TryHold } from './held.ts'
import { NodeMarks } from './node-marks.ts'
import { Occasion, storeTime } from './occasion.ts'
import { OldestCrashes } from './oldest-crashes.ts'
import { finishRemoval } from './removal.ts'
import { applyRetention, isLimited } from './retention.ts'
import { removeUnnamedBinaries } from './unnamed-binaries.ts'
import { whoseTurn } from './whose-turn.ts'

export interface UpkeepOptions {
  readonly config: Config
  readonly host: Host
  readonly nodeName: string
  /** How the cluster is and was called. */
  readonly clusterNames: () => readonly string[]
  /** `null`: we are not in a cluster. */
  readonly lease: { readonly tryHold: TryHold } | null
  readonly log: Logger
  readonly pause?: Pause
  readonly random?: () => number
}

/** Of ten thousand nodes the API server hears six times a second then. */
const ASK_SECONDS = 1800
/** The marks are listed each time. */
const WITHOUT_KUBERNETES_SECONDS = 6 * 3600
const DAY_SECONDS = 24 * 3600

/**
 * Takes away from the store, once a day until `signal` aborts, what is no longer needed: one installer does it for all
 * nodes.
 */
export async function keepUp(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { config, host, lease, nodeName, log, pause: wait = pause, random = Math.random } = options
  const cluster = () => options.clusterNames()[0] ?? ''
  const store = openHostStore(host, config)
  // Not at once: an installer that starts has other things to do, and may be one of ten thousand.
  await wait(ASK_SECONDS * (0.5 + random() / 2), signal)
  const marks = new NodeMarks(store, { cluster: cluster(), node: nodeName, clock: REAL_CLOCK })
  const tryHold = whoseTurn({ lease, marks, log })
  const round = new DailyRound(store, options)
  while (!signal.aborted) {
    const held = await tryHold()
    if (held !== null) await round.doIfDue(upkeepFolder(cluster()), anySignal([signal, held.signal]))
    await wait((lease === null ? WITHOUT_KUBERNETES_SECONDS : ASK_SECONDS) * (0.5 + random()), signal)
  }
}

class DailyRound {
  readonly #store: ObjectStore
  readonly #options: UpkeepOptions
  readonly #occasion: Occasion

  constructor(store: ObjectStore, options: UpkeepOptions) {
    this.#store = store
    this.#options = options
    this.#occasion = new Occasion(store, 'tidied', DAY_SECONDS)
  }

  /** Never rejects. */
  async doIfDue(folder: string, signal: AbortSignal): Promise<void> {
    await safely('store not looked after', this.#options.log, async () => {
      if (!(await this.#occasion.isDue(folder, await storeTime(this.#store, folder)))) return
      const isMore = await tidyStore(this.#store, this.#options, signal)
      if (!isMore && !signal.aborted) await this.#occasion.done(folder)
    })
  }
}

/** Whether there is more to be removed than is done in one round. */
async function tidyStore(store: ObjectStore, options: UpkeepOptions, signal: AbortSignal): Promise<boolean> {
  const { config, host, log } = options
  const now = new Date()
  const journal = host.path(path.posix.join(config.paths.state, 'removal.json'))
  const abandoned = await safely('abandoned uploads not removed', log, async () =>
    abortAbandoned(store, { inUse: await uploadsInSpool(host.path(config.spool.dir)), now, log }),
  )
  const clusters = options.clusterNames()
  const oldest = new OldestCrashes()
  const removed = await safely('old crashes not removed', log, async () => {
    await finishRemoval(store, journal)
    const ofOthers = foreignTo(clusters, store)
    const onCrash = oldest.note.bind(oldest)
    return applyRetention(store, config.retention, { journal, now, log, ofOthers, onCrash, signal })
  })
  if (abandoned === true || removed === true) return true
  // Only once all crashes were seen: which programs they name is told by the oldest of them.
  if (removed === undefined || !isLimited(config.retention)) return false
  const unnamed = await safely('programs not removed', log, () =>
    removeUnnamedBinaries(store, { oldest, clusters, now, log }),
  )
  return unnamed ?? false
}

/** `undefined`: it failed, and the log says so. It is tried again at its time. */
async function safely<T>(what: string, log: Logger, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (cause) {
    log.warn(reasonOf(cause), what)
    return undefined
  }
}
