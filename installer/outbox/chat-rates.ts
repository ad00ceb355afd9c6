import type { ChannelConfig } from '../../config/config.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import { type Clock, RateLimiter, REAL_CLOCK } from '../../time/rate-limiter.ts'

/** One limiter for each bot, whatever the configuration calls it: two channels of one address are one bot. */
export class ChatLimiters {
  readonly #clock: Clock
  readonly #limiters = new Map<string, RateLimiter>()

  constructor(clock: Clock = REAL_CLOCK) {
    this.#clock = clock
  }

  of({ kind, webhookUrl }: Pick<ChannelConfig, 'kind' | 'webhookUrl'>): RateLimiter {
    const limiter = this.#limiters.get(webhookUrl) ?? new RateLimiter(CHANNELS[kind].rate, this.#clock)
    this.#limiters.set(webhookUrl, limiter)
    return limiter
  }
}
