import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { messageOf } from '../crash/errors.ts'
import type { CrashReport } from '../crash/report.ts'
import { thisWriter } from '../durable/writer.ts'
import { SpoolEntry } from '../handoff/spool-entry.ts'
import type { SpoolRecord } from '../handoff/spool-record.ts'
import type { NoRoom } from '../handoff/spool-room.ts'
import { diagnose } from '../storage/diagnosis.ts'
import type { BegunUpload, Failover, Situation, Spill } from '../storage/parts/failover.ts'
import type { CorePipe } from './core/core-pipe.ts'
import type { CoreStream } from './core/core-stream.ts'

/** What is known of a crash before its core is sent. */
export type Draft = Pick<SpoolRecord, 'id' | 'folder' | 'report' | 'corefilePath' | 'place'> & {
  readonly coreKey: string
}

/** How long a crashed process is held, and by what. */
export interface Holding {
  readonly pipe: CorePipe
  readonly core: Pick<CoreStream, 'keepStacksOnly'>
  /** 0: for as long as it takes. */
  readonly maxHoldSeconds: number
}

/** Aborts when so much time has passed. */
export type Timer = (milliseconds: number) => AbortSignal

/**
 * The node's disk behind the store: written to before the first byte is sent, so that a handler that is
 * killed leaves word of the crash, and filled when the store fails. A disk that fails is no reason to lose a
 * core that the store takes: what goes wrong here is logged, and the crash goes on without it.
 */
export class Spooling implements Failover {
  readonly overdue: AbortSignal
  readonly #entry: SpoolEntry | null
  readonly #log: Logger

  private constructor(entry: SpoolEntry | null, overdue: AbortSignal, log: Logger) {
    this.#entry = entry
    this.overdue = overdue
    this.#log = log
  }

  static async begin(
    draft: Draft,
    holding: Holding,
    config: Config,
    log: Logger,
    after: Timer = AbortSignal.timeout,
  ): Promise<Spooling> {
    const { spool, limits } = config
    const overdue = overdueFor(holding, after)
    try {
      const allowance = {
        ...spool,
        salvageBytes: limits.salvageBytes,
        onFull: (why: NoRoom) => saveRoom(holding, config, overdue, NO_ROOM[why]),
        onSpent: () => holding.pipe.cut(NO_ROOM.spool),
      }
      const entry = await SpoolEntry.begin(await recordOf(draft), allowance)
      if (spool.maxBytes > 0) return new Spooling(entry, overdue, log)
      cutWhen(overdue, holding)
      return new Spooling(entry, NEVER, log)
    } catch (cause) {
      log.warn({ reason: messageOf(cause) }, 'spool not available')
      cutWhen(overdue, holding)
      return new Spooling(null, NEVER, log)
    }
  }

  /** For a core that is kept elsewhere. */
  static none(log: Logger): Spooling {
    return new Spooling(null, NEVER, log)
  }

  /** Whether the crash is in the spool by now. */
  get hasRecord(): boolean {
    return this.#entry !== null
  }

  async begun(upload: BegunUpload): Promise<void> {
    await this.#safely(entry => entry.begun(upload))
  }

  async takeOver(situation: Situation): Promise<Spill> {
    if (this.#entry === null) throw situation.cause
    const spill = await this.#entry.takeOver(situation)
    const { message, hint } = diagnose(situation.cause)
    this.#log.warn({ reason: message, hint }, 'core goes to the spool')
    return spill
  }

  async place(place: string): Promise<void> {
    await this.#safely(entry => entry.place(place))
  }

  /** Nothing of its core is wanted any more, and `report` says why. */
  async drop(report: CrashReport): Promise<void> {
    await this.#safely(entry => entry.drop(report))
  }

  async seal(report: CrashReport): Promise<void> {
    await this.#safely(entry => entry.seal(report))
  }

  /** The installer does the rest. Resolves with whether it will. */
  async leave(
    left: Parameters<SpoolEntry['leave']>[0],
    log: Parameters<SpoolEntry['keepLog']>[0] | null = null,
  ): Promise<boolean> {
    if (log !== null) await this.#safely(entry => entry.keepLog(log))
    return this.#safely(entry => entry.leave(left))
  }

  async discard(): Promise<void> {
    await this.#safely(entry => entry.discard())
  }

  async #safely(work: (entry: SpoolEntry) => Promise<void>): Promise<boolean> {
    if (this.#entry === null) return false
    try {
      await work(this.#entry)
      return true
    } catch (cause) {
      this.#log.warn({ reason: messageOf(cause) }, 'spool not written')
      return false
    }
  }
}

const NEVER = new AbortController().signal

export const NO_ROOM: Readonly<Record<NoRoom, string>> = {
  spool: 'neither the store nor the spool of its node had room for more',
  namespace:
    'the store had no room for more, and its namespace had its share of the spool of its node, spool.perNamespace',
}

/** Zeros that are not compressed take the room that they are to save. */
function saveRoom(holding: Holding, { compression }: Config, overdue: AbortSignal, reason: string): void {
  if (compression === 'none') holding.pipe.cut(reason)
  else holding.core.keepStacksOnly(reason)
  cutWhen(overdue, holding)
}

/**
 * A handler that has held its process too long gets the node's disk, which is faster than any store; or else
 * no more.
 */
function overdueFor({ maxHoldSeconds, pipe }: Holding, after: Timer): AbortSignal {
  if (maxHoldSeconds === 0 || pipe.closedAt !== null) return NEVER
  // It is held since we were started, also while we waited for a slot.
  const leftMs = Math.ceil(maxHoldSeconds * 1000 - performance.now())
  return leftMs > 0 ? stillHeld(pipe, after(leftMs)) : AbortSignal.abort()
}

/** What is read by then is in memory, and holds nobody: the store has all the time that it needs. */
function stillHeld(pipe: CorePipe, passed: AbortSignal): AbortSignal {
  const overdue = new AbortController()
  passed.addEventListener('abort', () => pipe.closedAt === null && overdue.abort(), { once: true })
  return overdue.signal
}

function cutWhen(overdue: AbortSignal, { pipe, maxHoldSeconds }: Holding): void {
  const cut = () => pipe.cut(`its process had been held for ${maxHoldSeconds} s: limits.maxHold`)
  if (overdue.aborted) cut()
  else overdue.addEventListener('abort', cut)
}

async function recordOf({ coreKey, report, ...draft }: Draft): Promise<SpoolRecord> {
  return {
    ...draft,
    report,
    writer: await thisWriter(),
    sealed: false,
    told: false,
    core: { key: coreKey, partBytes: null, uploadId: null, lastPart: null, cut: null },
  }
}
