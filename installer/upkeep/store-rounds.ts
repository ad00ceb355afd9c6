import type { Logger } from 'pino'
import type { Config, RetentionConfig } from '../../config/config.ts'
import { upkeepFolder } from '../../crash/upkeep-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { compactDays } from '../daily/compact-days.ts'
import { abortAbandoned } from './abandoned-uploads.ts'
import { DayMark, settled } from './day-mark.ts'
import { nameNameless } from './nameless-crashes.ts'
import { Occasion, storeTime } from './occasion.ts'
import { OldestCrashes } from './oldest-crashes.ts'
import { removePastGroups } from './past-groups.ts'
import { removePastTurns } from './past-turns.ts'
import { finishBatch, RemovalBatches } from './removal-batches.ts'
import { applyRetention, isLimited } from './retention.ts'
import { safely } from './safely.ts'
import { SparedPrograms } from './spared-programs.ts'
import { removeUnnamedBinaries } from './unnamed-binaries.ts'

interface Rounds {
  readonly store: ObjectStore
  readonly config: Pick<Config, 'retention' | 'dedupe'>
  /** How the cluster is and was called. */
  readonly clusterNames: () => readonly string[]
  /** Uploads that crashes in the spool of this node go on with. */
  readonly uploadsInUse: () => Promise<ReadonlySet<string>>
  /** Absent: nobody is told. */
  readonly metrics?: UpkeepMetrics
  readonly log: Logger
}

/** What Prometheus is told of it. */
export interface UpkeepMetrics {
  /** Of a whole day, by whoever did it. */
  readonly setUpkeepDone: (at: Date) => void
  readonly countUpkeepFailure: () => void
}

interface Round {
  readonly clusters: readonly string[]
  /** In the store, with a slash at its end. */
  readonly folder: string
  readonly removal: RemovalBatches
  readonly now: Date
  readonly signal: AbortSignal
}

const DAY_SECONDS = 24 * 3600

/** What is taken away from the store, or summed there, and when. Whoever does it goes on where another one was ended. */
export class StoreRounds {
  readonly #rounds: Rounds
  readonly #daily: Occasion
  readonly #weekly: Occasion
  readonly #compacted: DayMark

  constructor(rounds: Rounds) {
    this.#rounds = rounds
    this.#daily = new Occasion(rounds.store, 'tidied', DAY_SECONDS)
    this.#weekly = new Occasion(rounds.store, 'listed', 7 * DAY_SECONDS)
    this.#compacted = new DayMark(rounds.store, 'compacted')
  }

  /** Never rejects. Ends when `signal` aborts, as soon as it can. */
  async doWhatIsDue(signal: AbortSignal): Promise<void> {
    const { store } = this.#rounds
    await this.#safely('store not looked after', async () => {
      // Of a crash that was stored before its cluster was known.
      const clusters = [...new Set([...this.#rounds.clusterNames(), ''])]
      const folder = upkeepFolder(clusters[0] ?? '')
      const time = await storeTime(store, folder)
      await this.#compact(folder, clusters[0] ?? '', time, signal)
      const isDue = await this.#daily.isDue(folder, time)
      // Also by another one, or by us before we were started anew.
      if (this.#daily.doneAt !== null) this.#rounds.metrics?.setUpkeepDone(this.#daily.doneAt)
      if (!isDue) return
      const removal = new RemovalBatches(store, journalIn(folder), signal)
      await this.#do({ clusters, folder, removal, now: new Date(), signal }, time)
      if (signal.aborted) return
      await this.#daily.done(folder)
      this.#rounds.metrics?.setUpkeepDone(new Date())
    })
  }

  async #safely(what: string, work: () => Promise<void>): Promise<boolean> {
    const isDone = await safely(what, this.#rounds.log, work)
    if (!isDone) this.#rounds.metrics?.countUpkeepFailure()
    return isDone
  }

  /** Before anything is taken away, for what is gone is not in it. */
  async #compact(folder: string, cluster: string, time: Date, signal: AbortSignal): Promise<void> {
    const { store, config, log } = this.#rounds
    const { maxAgeSeconds } = config.retention
    await this.#safely('days not compacted', async () => {
      if (!(await this.#compacted.isDue(folder, time))) return
      await compactDays(store, { cluster, maxAgeSeconds, now: settled(time), signal, log })
      await this.#compacted.done(folder, time)
    })
  }

  async #do(round: Round, time: Date): Promise<void> {
    const { store, config, uploadsInUse, log } = this.#rounds
    const { clusters, now, signal } = round
    const { windowSeconds } = config.dedupe
    await this.#safely('past groups not removed', () =>
      removePastGroups(store, { clusters, windowSeconds, now, signal, log }),
    )
    await this.#safely('past turns not removed', () => removePastTurns(store, { now, signal }))
    await this.#safely('abandoned uploads not removed', async () =>
      abortAbandoned(store, { inUse: await uploadsInUse(), now, signal, log }),
    )
    if (!(await this.#safely('removal not finished', () => finishBatch(store, journalIn(round.folder)))))
      return
    if (!isLimited(config.retention)) return
    const areNamed = await this.#nameNameless(round, time)
    await this.#retain(round, areNamed)
  }

  /** Whether all crashes are in the index. */
  async #nameNameless({ folder, ...round }: Round, time: Date): Promise<boolean> {
    const { store, config, log } = this.#rounds
    const { maxAgeSeconds } = ofOurs(config.retention)
    return this.#safely('crashes without a name not looked for', async () => {
      if (!(await this.#weekly.isDue(folder, time))) return
      await nameNameless(store, { ...round, maxAgeSeconds, log })
      await this.#weekly.done(folder)
    })
  }

  /** Programs go only once all crashes were seen: which ones they name is told by the oldest of them. */
  async #retain({ clusters, removal, now, signal }: Round, areNamed: boolean): Promise<void> {
    const { store, config, log } = this.#rounds
    const limits = ofOurs(config.retention)
    const oldest = new OldestCrashes()
    const isDone = await this.#safely('old crashes not removed', () =>
      applyRetention(store, { clusters, limits, removal, oldest, now, signal, log }),
    )
    if (!isDone || !areNamed) return
    const spared = new SparedPrograms(store, { clusters, limits })
    await this.#safely('programs not removed', () =>
      removeUnnamedBinaries(store, { oldest, clusters, spared, now, signal, log }),
    )
  }
}

/**
 * What is left to us where a rule of the bucket takes crashes: their names, once they are gone, and what was stored
 * without a tag. A rule takes what it takes within a day or two.
 */
function ofOurs(limits: RetentionConfig): RetentionConfig {
  if (limits.by === 'coredog') return limits
  const maxAgeSeconds = limits.maxAgeSeconds + 2 * DAY_SECONDS
  return { ...limits, maxAgeSeconds, maxCount: 0, maxBytes: 0, minOfGroup: 0 }
}

function journalIn(folder: string): string {
  return `${folder}removal.json`
}
