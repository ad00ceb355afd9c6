import { EventCount } from './event-count.ts'
import type { KubeEvent } from './events.ts'

/** After an Event, those like it are counted for so long, and told together. */
const WINDOW_SECONDS = 300
/**
 * Up to so much of the window longer: nodes on which the same release crashes at once are not to tell at once
 * again.
 */
const SPREAD = 0.4
/** What is written of a node may be ever different. What comes over this is one kind, whatever it is. */
const MOST_KINDS_OF_ONE = 10
const MOST_KINDS = 1_000

interface SeriesClock {
  /** In milliseconds; never set back. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** Events that are told together: of one pod, or of one node for one reason, of one kind. */
interface Series {
  readonly of: string
  readonly count: EventCount
  dueMs: number
}

/**
 * What is still to be told by Events: the first of a pod at once, and what follows within five minutes as one with a
 * count, whatever it was. Each is written once and never changed, so that a node needs no right to change Events.
 */
export class EventSeries {
  readonly #clock: SeriesClock
  readonly #series = new Map<string, Series>()

  constructor(clock: SeriesClock) {
    this.#clock = clock
  }

  /** Counts `event` to those of its pod, or its `kind`. Gives `false` when there is no room for one more. */
  add(event: KubeEvent, kind: string): boolean {
    const of = objectOf(event)
    const key = this.#keyOf(event, of, kind)
    const series = this.#series.get(key)
    if (series !== undefined) {
      series.count.add(event)
      return true
    }
    this.#forget()
    if (this.#series.size >= MOST_KINDS) return false
    this.#series.set(key, { of, count: new EventCount(event), dueMs: this.#clock.now() })
    return true
  }

  /** Until {@link take} gives something; `null`: until another one is added. */
  secondsToNext(): number | null {
    const next = this.#next()
    return next === null ? null : Math.max(0, (next.dueMs - this.#clock.now()) / 1000)
  }

  /**
   * What is due longest, and counts as told; `null`: nothing is due yet. With `early`, what is not due yet,
   * too.
   */
  take(early = false): KubeEvent | null {
    const next = this.#next()
    const nowMs = this.#clock.now()
    if (next === null || (next.dueMs > nowMs && !early)) return null
    next.dueMs = nowMs + WINDOW_SECONDS * 1000 * (1 + SPREAD * this.#clock.random())
    return next.count.take()
  }

  /** How many Events are counted that were not posted. */
  get untold(): number {
    return [...this.#series.values()].reduce((sum, { count }) => sum + count.total, 0)
  }

  #next(): Series | null {
    const waiting = [...this.#series.values()].filter(({ count }) => count.total > 0)
    return waiting.reduce<Series | null>((best, one) => (best && best.dueMs <= one.dueMs ? best : one), null)
  }

  #keyOf({ reason, regarding }: KubeEvent, of: string, kind: string): string {
    if (regarding.kind === 'Pod') return of
    const key = `${of} ${reason} ${kind}`
    if (this.#series.has(key)) return key
    const kinds = [...this.#series.values()].filter(series => series.of === of).length
    return kinds < MOST_KINDS_OF_ONE ? key : `${of} ${reason}`
  }

  /** Those of which nothing came in their window. */
  #forget(): void {
    const nowMs = this.#clock.now()
    for (const [key, { count, dueMs }] of this.#series)
      if (count.total === 0 && dueMs <= nowMs) this.#series.delete(key)
  }
}

function objectOf({ regarding: { kind, namespace = '', name, uid = '' } }: KubeEvent): string {
  return `${kind} ${namespace} ${name} ${uid}`
}
