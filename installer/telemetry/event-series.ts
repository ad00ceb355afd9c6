import { type KubeEvent, noteOf } from './events.ts'

/** After an Event, those like it are counted for so long, and told together. */
const WINDOW_SECONDS = 300
/**
 * Of the window, more or less: nodes on which the same release crashes at once are not to tell at once again.
 */
const SPREAD = 0.2
/** A pod chooses what its crashes are like. What comes over this is one kind, whatever it is. */
const MOST_KINDS_OF_ONE = 10
const MOST_KINDS = 1_000

interface SeriesClock {
  /** In milliseconds; never set back. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** Events that are alike: of one object, for one reason, of one kind. */
interface Series {
  readonly of: string
  dueMs: number
  /** Not told yet. */
  count: number
  first: KubeEvent
  last: KubeEvent
}

/**
 * What is still to be told by Events, an Event for those that are alike: the first at once, and what follows
 * within five minutes as one with a count. Each is written once and never changed, so that a node needs no
 * right to change Events.
 */
export class EventSeries {
  readonly #clock: SeriesClock
  readonly #series = new Map<string, Series>()

  constructor(clock: SeriesClock) {
    this.#clock = clock
  }

  /** Counts `event` to those of its `kind`. Gives `false` when there is no room for one more kind. */
  add(event: KubeEvent, kind: string): boolean {
    const of = objectOf(event)
    const key = this.#keyOf(event, of, kind)
    const series = this.#series.get(key)
    if (series !== undefined) {
      if (series.count === 0) series.first = event
      series.last = event
      series.count += 1
      return true
    }
    this.#forget()
    if (this.#series.size >= MOST_KINDS) return false
    this.#series.set(key, { of, dueMs: this.#clock.now(), count: 1, first: event, last: event })
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
    const event = eventFor(next)
    next.count = 0
    next.dueMs = nowMs + WINDOW_SECONDS * 1000 * (1 - SPREAD + 2 * SPREAD * this.#clock.random())
    return event
  }

  /** How many Events are counted that were not posted. */
  get untold(): number {
    return [...this.#series.values()].reduce((sum, { count }) => sum + count, 0)
  }

  #next(): Series | null {
    const waiting = [...this.#series.values()].filter(({ count }) => count > 0)
    return waiting.reduce<Series | null>((best, one) => (best && best.dueMs <= one.dueMs ? best : one), null)
  }

  #keyOf({ reason }: KubeEvent, of: string, kind: string): string {
    const key = `${of} ${reason} ${kind}`
    if (this.#series.has(key)) return key
    const kinds = [...this.#series.values()].filter(series => series.of === of).length
    return kinds < MOST_KINDS_OF_ONE ? key : `${of} ${reason}`
  }

  /** Those of which nothing came in their window. */
  #forget(): void {
    const nowMs = this.#clock.now()
    for (const [key, { count, dueMs }] of this.#series)
      if (count === 0 && dueMs <= nowMs) this.#series.delete(key)
  }
}

function objectOf({ regarding: { kind, namespace = '', name, uid = '' } }: KubeEvent): string {
  return `${kind} ${namespace} ${name} ${uid}`
}

/** `kubectl describe` shows the series as `x12 over 5m`. */
function eventFor({ count, first, last }: Series): KubeEvent {
  if (count === 1) return last
  const since = first.eventTime.replace(/\.\d+Z$/, 'Z')
  return {
    ...last,
    eventTime: first.eventTime,
    note: noteOf(`${count} since ${since}, the last of them: ${last.note}`),
    series: { count, lastObservedTime: last.eventTime },
  }
}
