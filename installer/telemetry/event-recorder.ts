import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { anySignal } from '../../time/any-signal.ts'
import { backoff } from '../../time/backoff.ts'
import { type Clock, type Rate, RateLimiter, REAL_CLOCK } from '../../time/rate-limiter.ts'
import { withinSeconds } from '../../time/within-seconds.ts'
import type { EventOutbox } from './event-outbox.ts'
import { EventSeries } from './event-series.ts'
import { type KubeEvent, nodeEvent, postEvent } from './events.ts'

// Of the kubelet's half minute, after the node was restored or left.
const QUIET_SECONDS = 5

/**
 * Of one node: what a bad release makes is made on all of them at once, and each Event is a write of etcd.
 */
const RATE: Rate = { burst: 25, perSecond: 1 / 6 }

interface RecorderClock extends Clock {
  readonly random: () => number
}

const REAL: RecorderClock = { ...REAL_CLOCK, random: Math.random }

/** While the API server is away it is asked ever less: ten thousand nodes wait for it together. */
const AWAY_SECONDS = { first: 5, longest: 60 }

/**
 * Posts Events one after the other and those that are alike as one: a burst of crashes must not be one of
 * requests, too.
 */
export class EventRecorder {
  readonly #kube: KubeClient | null
  readonly #nodeName: string
  readonly #log: Logger
  #outbox: Pick<EventOutbox, 'add' | 'deliver' | 'tidy'> | null
  readonly #clock: RecorderClock
  readonly #series: EventSeries
  readonly #limiter: RateLimiter
  readonly #end = new AbortController()
  #added = new AbortController()
  #posting: Promise<void> | null = null
  #ending = false

  /**
   * `kube` null: there is no cluster to tell. `outbox` null: what the API server is not there for is only in
   * the log.
   */
  constructor(
    kube: KubeClient | null,
    nodeName: string,
    log: Logger,
    outbox: Pick<EventOutbox, 'add' | 'deliver' | 'tidy'> | null = null,
    clock = REAL,
  ) {
    this.#kube = kube
    this.#nodeName = nodeName
    this.#log = log
    this.#outbox = outbox
    this.#clock = clock
    this.#series = new EventSeries(clock)
    this.#limiter = new RateLimiter(RATE, clock)
  }

  /** `kind`: what makes two Events of one node and reason alike; those of a pod are told together. */
  record(event: KubeEvent | null, kind = ''): void {
    const kube = this.#kube
    if (event === null || kube === null) return
    if (!this.#series.add(event, kind)) {
      this.#log.warn({ event: event.reason }, 'event left out: too many wait')
      return
    }
    this.#added.abort()
    this.#posting ??= this.#post(kube)
  }

  /** An Event on the node itself. */
  recordNodeEvent(reason: string, note: string): void {
    this.record(nodeEvent(this.#nodeName, reason, note), note)
  }

  /** Posts, until `signal` aborts, what the API server was not there for, also before a restart of ours. */
  async postLeft(signal: AbortSignal): Promise<void> {
    const [kube, outbox] = [this.#kube, this.#outbox]
    if (kube === null || outbox === null) return
    await this.#safely(() => outbox.tidy())
    for (let tries = 1; !signal.aborted; ) {
      await this.#clock.pause(backoff(AWAY_SECONDS, tries) * (1 + this.#clock.random()), signal)
      if (signal.aborted) return
      const isBack = await this.#safely(() => outbox.deliver(event => this.#postLimited(kube, event)))
      tries = isBack === true ? 1 : tries + 1
    }
  }

  async #postLimited(kube: KubeClient, event: KubeEvent): Promise<'settled' | 'away'> {
    return (await this.#mayPost()) ? postEvent(kube, event, this.#log) : 'away'
  }

  /** A disk that fails is told of at each try, of which there is one in a minute. */
  async #safely<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (cause) {
      this.#log.warn({ reason: messageOf(cause) }, 'events that wait not posted')
      return undefined
    }
  }

  /**
   * Resolves when all that was recorded has been posted, or when the kubelet would not wait any longer. What
   * is untold then waits for the next installer, unless CoreDog has `left` the node: nothing of ours is put
   * there any more.
   */
  async quiet(end: 'stays' | 'left' = 'stays'): Promise<void> {
    this.#ending = true
    if (end === 'left') this.#outbox = null
    this.#added.abort()
    try {
      await withinSeconds(QUIET_SECONDS, this.#posting ?? Promise.resolve())
    } catch {
      const what = this.#outbox === null ? 'events left out' : 'events left for later'
      this.#log.warn({ waiting: this.#series.untold }, `${what}: no time is left for them`)
    }
    this.#end.abort()
    for (let event = this.#series.take(true); event !== null; event = this.#series.take(true))
      await this.#outbox?.add(event)
  }

  /** Until nothing waits. */
  async #post(kube: KubeClient): Promise<void> {
    for (let wait = this.#series.secondsToNext(); wait !== null; wait = this.#series.secondsToNext()) {
      if (wait > 0 && !this.#ending) await this.#pause(wait)
      else if (await this.#mayPost()) await this.#postNext(kube)
      else break
    }
    this.#posting = null
  }

  async #pause(seconds: number): Promise<void> {
    this.#added = new AbortController()
    await this.#clock.pause(seconds, anySignal([this.#added.signal, this.#end.signal]))
  }

  async #mayPost(): Promise<boolean> {
    return this.#limiter.next(this.#end.signal).then(
      () => true,
      () => false, // we are being stopped
    )
  }

  async #postNext(kube: KubeClient): Promise<void> {
    const event = this.#series.take(this.#ending)
    if (event === null) return
    const isAway = (await postEvent(kube, event, this.#log)) === 'away'
    if (isAway) await this.#outbox?.add(event)
  }
}
