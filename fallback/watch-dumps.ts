import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import type { Host } from '../handoff/host.ts'
import { RUN_FILES } from '../handoff/run-folder.ts'
import { tickEvery } from '../time/ticker.ts'
import { Attempts } from './attempts.ts'
import { Changes } from './changes.ts'
import { Collection } from './collection.ts'
import { type DumpsDirectory, findDumpsDirectory } from './dumps-directory.ts'
import { EmptyDirectories } from './empty-directories.ts'
import { Ledger } from './ledger.ts'
import { type NodeEvents, Quota } from './quota.ts'
import { type Observers, Round } from './round.ts'
import { Sweep, type SweepLimits } from './sweep.ts'
import type { TakeCore } from './take-core.ts'

export interface WatchDumpsOptions {
  readonly config: Config
  readonly host: Host
  readonly recorder: NodeEvents
  readonly log: Logger
  readonly take: TakeCore
  /** Milliseconds of the day's clock. */
  readonly now?: () => number
  readonly ticks?: AsyncIterable<void>
  readonly limits?: SweepLimits
}

const SWEEP_MS = 60_000
const POLL_MS = 5_000

/**
 * Collects the cores that lie as files in the dumps directory of this node, until `signal` aborts: the
 * original CoreDog's way, for nodes that cannot have a pipe. Returns at once if the configuration does not
 * want it.
 */
export async function watchDumps(options: WatchDumpsOptions, signal: AbortSignal): Promise<void> {
  const { config, host, log, ticks = tickEvery(1, signal) } = options
  if (!config.fallback.hostPath) return
  const inState = (name: string) => host.path(path.posix.join(config.paths.state, 'fallback', name))
  const ledger = await Ledger.read(inState('taken.json'), log)
  const attempts = await Attempts.read(inState('attempts.jsonl'), log)
  const watch = new DumpsWatch(options, { ledger, attempts }, signal)
  try {
    for await (const _ of ticks) await watch.look()
  } finally {
    await watch.end()
  }
}

/** What outlives us. */
interface Memory {
  readonly ledger: Ledger
  readonly attempts: Attempts
}

/** What is known of the directory, and when all of it is to be seen again. */
class DumpsWatch {
  readonly #options: WatchDumpsOptions
  readonly #signal: AbortSignal
  readonly #memory: Memory
  readonly #observers: Observers
  readonly #sweep: Sweep
  readonly #quota: Quota
  #dumps: DumpsDirectory | null = null
  #sweepAtMs = Number.NEGATIVE_INFINITY
  #complaint: string | null = null

  constructor(options: WatchDumpsOptions, memory: Memory, signal: AbortSignal) {
    const { config, host, log, take, recorder, limits, now = Date.now } = options
    const inRun = (name: string) => host.path(path.posix.join(config.paths.run, name))
    const fillingFile = inRun(RUN_FILES.fillingPods)
    this.#options = options
    this.#signal = signal
    this.#memory = memory
    this.#observers = {
      collection: new Collection({ fallback: config.fallback, take, ...memory, now, log }),
      changes: new Changes(log),
      emptyDirectories: new EmptyDirectories(inRun(RUN_FILES.pods), log),
      log,
      now,
    }
    this.#sweep = new Sweep(log, limits)
    this.#quota = new Quota({ maxPodBytes: config.fallback.maxPodBytes, fillingFile, recorder, log })
  }

  /** All of it when it is time for that, else where something happened. */
  async look(): Promise<void> {
    try {
      if (this.#observers.now() >= this.#sweepAtMs) await this.#lookAtAll()
      else await this.#lookAtNews()
      this.#complaint = null
    } catch (cause) {
      this.#complain(cause)
    }
    await Promise.all([this.#memory.ledger.keep(), this.#memory.attempts.keep()])
  }

  async end(): Promise<void> {
    this.#observers.changes.end()
    await this.#observers.collection.end()
  }

  async #lookAtAll(): Promise<void> {
    const { collection, changes, emptyDirectories, now } = this.#observers
    this.#sweepAtMs = now() + SWEEP_MS
    const dumps = await this.#findDumps()
    await using directory = await UntrustedDirectory.open(dumps.path)
    await emptyDirectories.begin(now())
    const round = new Round({ ...dumps, directory }, this.#observers)
    for await (const sight of this.#sweep.all(directory)) {
      if (this.#signal.aborted) return
      await round.see(sight)
    }
    collection.goOn(dumps.path)
    if (this.#sweep.wasComplete) this.#forgetWhatIsGone(round)
    await this.#quota.keep(round.usage, file => collection.remove(file, dumps.path), now())
    if (dumps.isBlind || changes.isExhausted) this.#sweepAtMs = now() + POLL_MS
  }

  async #lookAtNews(): Promise<void> {
    if (this.#dumps === null) return
    const { collection, changes } = this.#observers
    for (const segments of collection.due()) changes.mark(segments)
    const changed = changes.take()
    if (changed.length === 0) return
    // A namespace was made, or removed.
    if (changed.some(segments => segments.length === 0)) return this.#lookAtAll()
    await using directory = await UntrustedDirectory.open(this.#dumps.path)
    const round = new Round({ ...this.#dumps, directory }, this.#observers)
    for (const segments of changed) {
      for await (const sight of this.#sweep.below(directory, segments)) await round.see(sight)
    }
  }

  async #findDumps(): Promise<DumpsDirectory> {
    const { config, host, log } = this.#options
    const found = await findDumpsDirectory(config.fallback, host)
    if (found.path !== this.#dumps?.path)
      log.info({ path: found.path }, `started watch corefile in:${found.path}`)
    this.#dumps = found
    return found
  }

  #forgetWhatIsGone({ files, ids, directories }: Round): void {
    this.#observers.collection.retain(files, ids)
    this.#observers.changes.retain(directories)
  }

  #complain(cause: unknown): void {
    const reason = messageOf(cause)
    if (reason === this.#complaint) return
    this.#complaint = reason
    const hint = cause instanceof OperatorError ? cause.hint : undefined
    this.#options.log.error({ reason, hint }, 'directory of cores not watched')
  }
}
