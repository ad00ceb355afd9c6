import type { Clock } from '../../time/rate-limiter.ts'

interface Event {
  readonly atMs: number
  /** Of two at once the one that was asked for first comes first. */
  readonly order: number
  readonly work: () => Promise<void> | void
}

/** Time that passes from one event to the next: what is asked for is done at its time, one after the other. */
export class FleetClock implements Clock {
  #nowMs: number
  #order = 0
  readonly #heap: Event[] = []

  constructor(now: Date) {
    this.#nowMs = now.getTime()
  }

  /** In milliseconds since the epoch. */
  readonly now = (): number => this.#nowMs

  get date(): Date {
    return new Date(this.#nowMs)
  }

  at(atMs: number, work: Event['work']): void {
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#order, work }
    this.#order += 1
    this.#rise(event)
  }

  /** Ends without a word when `signal` aborts, at its own time. */
  readonly pause = (seconds: number): Promise<void> =>
    new Promise(resolve => {
      this.at(this.#nowMs + seconds * 1000, async () => {
        resolve()
        await settled()
      })
    })

  /** Does all that is to be done until `end`. */
  async runUntil(endMs: number, signal: AbortSignal): Promise<void> {
    let done = 0
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#removeFirst()
      this.#nowMs = next.atMs
      await next.work()
      done += 1
      if (done % 4096 === 0) await settled()
      signal.throwIfAborted()
    }
    this.#nowMs = endMs
  }

  #rise(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Event
      if (isBefore(above, event)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const [left, right] = [heap[child] as Event, heap[child + 1]]
      if (right !== undefined && isBefore(right, left)) child += 1
      const least = heap[child] as Event
      if (isBefore(last, least)) break
      heap[at] = least
      at = child
    }
    heap[at] = last
  }
}

/** What was waiting for that has gone on. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
