import { type Pause, pause } from './pause.ts'

export interface Rate {
  /** So many at once, after a rest. */
  readonly burst: number
  readonly perSecond: number
}

export interface Clock {
  /** In milliseconds; never set back. */
  readonly now: () => number
  readonly pause: Pause
}

export const REAL_CLOCK: Clock = { now: () => performance.now(), pause }

// What is missing may be less than a clock can show.
const SHORTEST_PAUSE_SECONDS = 0.01

/** When a bot may be told again, or a server asked. The first to ask is served first. */
export class RateLimiter {
  readonly #rate: Rate
  readonly #clock: Clock
  #left: number
  #countedAtMs: number
  #last: Promise<void> = Promise.resolve()

  constructor(rate: Rate, clock: Clock = REAL_CLOCK) {
    this.#rate = rate
    this.#clock = clock
    this.#left = rate.burst
    this.#countedAtMs = clock.now()
  }

  /** Rejects when `signal` aborts first. */
  next(signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => this.#take(signal))
    // A caller that was stopped took nothing; the next one waits for its own.
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #take(signal: AbortSignal): Promise<void> {
    this.#refill()
    while (this.#left < 1 && !signal.aborted) {
      await this.#clock.pause(
        Math.max((1 - this.#left) / this.#rate.perSecond, SHORTEST_PAUSE_SECONDS),
        signal,
      )
      this.#refill()
    }
    if (signal.aborted) throw new Error('the installer is being stopped')
    this.#left -= 1
  }

  #refill(): void {
    const nowMs = this.#clock.now()
    const { burst, perSecond } = this.#rate
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#countedAtMs) / 1000) * perSecond)
    this.#countedAtMs = nowMs
  }
}
