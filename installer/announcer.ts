import type { Logger } from 'pino'
import { anySignal } from '../crash/any-signal.ts'
import type { KubeClient } from '../kube/client.ts'
import { EventSeries } from './event-series.ts'
import { type KubeEvent, nodeEvent, postEvent } from './events.ts'
import { type Clock, Pace, type Rate, REAL_CLOCK } from './pace.ts'
import { withinSeconds } from './within-seconds.ts'

// Of the kubelet's half minute, after the node was restored or left.
const QUIET_SECONDS = 5

/** Of one node: what a bad release makes is made on all of them at once, and each Event is a write of etcd. */
const RATE: Rate = { burst: 25, perSecond: 1 / 6 }

interface AnnouncerClock extends Clock {
  readonly random: () => number
}

const REAL: AnnouncerClock = { ...REAL_CLOCK, random: Math.random }

/** Posts Events one after the other and those that are alike as one: a storm of crashes must not be one of requests, too. */
export class Announcer {
  readonly #kube: KubeClient | null
  readonly #nodeName: string
  readonly #log: Logger
  readonly #clock: AnnouncerClock
  readonly #series: EventSeries
  readonly #pace: Pace
  readonly #end = new AbortController()
  #added = new AbortController()
  #posting: Promise<void> | null = null
  #ending = false

  /** `kube` null: there is no cluster to tell. */
  constructor(kube: KubeClient | null, nodeName: string, log: Logger, clock = REAL) {
    this.#kube = kube
    this.#nodeName = nodeName
    this.#log = log
    this.#clock = clock
    this.#series = new EventSeries(clock)
    this.#pace = new Pace(RATE, clock)
  }

  /** `kind`: what makes two Events of one object and reason alike. */
  announce(event: KubeEvent | null, kind = ''): void {
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
  announceNode(reason: string, note: string): void {
    this.announce(nodeEvent(this.#nodeName, reason, note), note)
  }

  /** Resolves when all that was announced has been posted, or when the kubelet would not wait any longer. */
  async quiet(): Promise<void> {
    this.#ending = true
    this.#added.abort()
    try {
      await withinSeconds(QUIET_SECONDS, this.#posting ?? Promise.resolve())
    } catch {
      this.#log.warn({ waiting: this.#series.untold }, 'events left out: no time is left for them')
    }
    this.#end.abort()
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
    return this.#pace.next(this.#end.signal).then(
      () => true,
      () => false, // we are being stopped
    )
  }

  async #postNext(kube: KubeClient): Promise<void> {
    const event = this.#series.take(this.#ending)
    if (event !== null) await postEvent(kube, event, this.#log)
  }
}
