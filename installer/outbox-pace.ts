import type { ChannelConfig, ChannelKind } from '../config/config.ts'
import { type Pause, pause } from '../kube/pause.ts'

export interface Rate {
  /** So many at once, after a rest. */
  readonly burst: number
  readonly perSecond: number
}

/**
 * What a bot takes, and a little less: the handlers of the node tell, too, and DingTalk locks a bot out for ten minutes.
 * A burst and what comes in the same minute are 20 at WeCom and DingTalk, and 100 at Feishu, which takes 5 a second.
 */
const RATES: Readonly<Record<ChannelKind, Rate>> = {
  feishu: { burst: 3, perSecond: 1.6 },
  wechat: { burst: 5, perSecond: 0.24 },
  dingtalk: { burst: 5, perSecond: 0.24 },
  slack: { burst: 2, perSecond: 0.9 },
}

export interface Clock {
  /** In milliseconds; never set back. */
  readonly now: () => number
  readonly pause: Pause
}

const REAL: Clock = { now: () => performance.now(), pause }

// What is missing may be less than a clock can show.
const SHORTEST_PAUSE_SECONDS = 0.01

/** When one bot may be told again. Who comes first is first. */
export class Pace {
  readonly #rate: Rate
  readonly #clock: Clock
  #left: number
  #countedAtMs: number
  #last: Promise<void> = Promise.resolve()

  constructor(rate: Rate, clock: Clock = REAL) {
    this.#rate = rate
    this.#clock = clock
    this.#left = rate.burst
    this.#countedAtMs = clock.now()
  }

  /** Rejects when `signal` aborts first. */
  next(signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => this.#take(signal))
    // Who was stopped took nothing; the next one waits for its own.
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

/** One pace for each bot, whatever the configuration calls it: two channels of one address are one bot. */
export class Paces {
  readonly #clock: Clock
  readonly #paces = new Map<string, Pace>()

  constructor(clock: Clock = REAL) {
    this.#clock = clock
  }

  of({ kind, webhookUrl }: Pick<ChannelConfig, 'kind' | 'webhookUrl'>): Pace {
    const pace = this.#paces.get(webhookUrl) ?? new Pace(RATES[kind], this.#clock)
    this.#paces.set(webhookUrl, pace)
    return pace
  }
}
