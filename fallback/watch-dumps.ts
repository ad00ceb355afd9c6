import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import type { Host } from '../handoff/host.ts'
import { RUN_FILES } from '../handoff/run-folder.ts'
import { tickEvery } from '../time/ticker.ts'
import { Attempts } from './attempts.ts'
import { Changes } from './changes.ts'
import { Collection } from './collection.ts'
import { coreFile, idOf, pathOf } from './core-file.ts'
import { Directory } from './directory.ts'
import { dumpsDirectory, isBlind } from './dumps-directory.ts'
import { EmptyDirectories } from './empty-directories.ts'
import { Ledger } from './ledger.ts'
import { setPermissions } from './permissions.ts'
import { type NodeEvents, QuotaAlarm, Usage } from './quota.ts'
import { type Sight, Sweep, type SweepLimits } from './sweep.ts'
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
  readonly #now: () => number
  readonly #memory: Memory
  readonly #collection: Collection
  readonly #changes: Changes
  readonly #sweep: Sweep
  readonly #emptyDirectories: EmptyDirectories
  readonly #alarm: QuotaAlarm
  #root: string | null = null
  #isBlind = false
  #sweepAtMs = Number.NEGATIVE_INFINITY
  #complaint: string | null = null

  constructor(options: WatchDumpsOptions, memory: Memory, signal: AbortSignal) {
    const { config, host, log, take, recorder, now = Date.now } = options
    this.#options = options
    this.#signal = signal
    this.#now = now
    this.#memory = memory
    this.#collection = new Collection({ fallback: config.fallback, take, ...memory, now, log })
    this.#changes = new Changes(log)
    this.#sweep = new Sweep(log, options.limits)
    this.#emptyDirectories = new EmptyDirectories(
      host.path(path.posix.join(config.paths.run, RUN_FILES.pods)),
      log,
    )
    this.#alarm = new QuotaAlarm(recorder, log)
  }

  /** All of it when it is time for that, else where something happened. */
  async look(): Promise<void> {
    try {
      if (this.#now() >= this.#sweepAtMs) await this.#lookAtAll()
      else await this.#lookAtNews()
      this.#complaint = null
    } catch (cause) {
      this.#complain(cause)
    }
    await Promise.all([this.#memory.ledger.keep(), this.#memory.attempts.keep()])
  }

  async end(): Promise<void> {
    this.#changes.end()
    await this.#collection.end()
  }

  async #lookAtAll(): Promise<void> {
    this.#sweepAtMs = this.#now() + SWEEP_MS
    const path = await this.#findRoot()
    await using root = await Directory.open(path)
    await this.#emptyDirectories.begin(this.#now())
    const seen = new Seen()
    for await (const sight of this.#sweep.all(root)) {
      if (this.#signal.aborted) return
      await this.#see(sight, { root, path }, seen)
    }
    this.#collection.goOn(path)
    if (this.#sweep.wasComplete) {
      this.#collection.retain(seen.files, seen.ids)
      this.#changes.retain(seen.directories)
    }
    await this.#keepWithinQuota(seen.usage, path)
    if (this.#isBlind || this.#changes.isExhausted) this.#sweepAtMs = this.#now() + POLL_MS
  }

  async #lookAtNews(): Promise<void> {
    if (this.#root === null) return
    for (const segments of this.#collection.due()) this.#changes.mark(segments)
    const changed = this.#changes.take()
    if (changed.length === 0) return
    // A namespace was made, or removed.
    if (changed.some(segments => segments.length === 0)) return this.#lookAtAll()
    const path = this.#root
    await using root = await Directory.open(path)
    for (const segments of changed) {
      const seen = new Seen()
      for await (const sight of this.#sweep.below(root, segments))
        await this.#see(sight, { root, path }, seen)
    }
  }

  async #see(sight: Sight, { root, path }: Root, seen: Seen): Promise<void> {
    seen.add(sight)
    await setPermissions(sight, this.#options.log)
    await this.#emptyDirectories.see(sight, root, this.#now())
    if (sight.kind === 'entered' && !this.#isBlind) await this.#changes.watch(sight.segments, sight.directory)
    const file = sight.kind === 'file' ? coreFile(sight.segments, sight.stat) : null
    if (file === null) return
    seen.usage.add(file, await this.#collection.see(file, sight.directory, path))
    seen.ids.add(idOf(file))
  }

  async #findRoot(): Promise<string> {
    const { config, host, log } = this.#options
    const path = await dumpsDirectory(config.fallback, host)
    if (path !== this.#root) log.info({ path }, `started watch corefile in:${path}`)
    this.#root = path
    this.#isBlind = await isBlind(path)
    return path
  }

  async #keepWithinQuota(usage: Usage, path: string): Promise<void> {
    const { maxPodBytes } = this.#options.config.fallback
    if (maxPodBytes === 0) return
    for (const excess of usage.excess(maxPodBytes)) {
      for (const file of excess.remove) await this.#collection.remove(file, path)
      if (excess.leftBytes > maxPodBytes) this.#alarm.tell(excess, maxPodBytes, this.#now())
    }
  }

  #complain(cause: unknown): void {
    const reason = messageOf(cause)
    if (reason === this.#complaint) return
    this.#complaint = reason
    const hint = cause instanceof OperatorError ? cause.hint : undefined
    this.#options.log.error({ reason, hint }, 'directory of cores not watched')
  }
}

/** The dumps directory, opened, and where it is. */
interface Root {
  readonly root: Directory
  readonly path: string
}

/** What one sweep found. */
class Seen {
  readonly files = new Set<string>()
  readonly ids = new Set<string>()
  readonly directories = new Set<string>()
  readonly usage = new Usage()

  add({ kind, segments }: Sight): void {
    if (kind === 'file') this.files.add(pathOf(segments))
    if (kind === 'entered') this.directories.add(pathOf(segments))
  }
}
