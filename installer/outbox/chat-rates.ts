import type { ChannelConfig } from '../../config/config.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import { type Clock, Pace, REAL_CLOCK } from '../../time/rate-limiter.ts'

/** One pace for each bot, whatever the configuration calls it: two channels of one address are one bot. */
export class Paces {
  readonly #clock: Clock
  readonly #paces = new Map<string, Pace>()

  constructor(clock: Clock = REAL_CLOCK) {
    this.#clock = clock
  }

  of({ kind, webhookUrl }: Pick<ChannelConfig, 'kind' | 'webhookUrl'>): Pace {
    const pace = this.#paces.get(webhookUrl) ?? new Pace(CHANNELS[kind].rate, this.#clock)
    this.#paces.set(webhookUrl, pace)
    return pace
  }
}
