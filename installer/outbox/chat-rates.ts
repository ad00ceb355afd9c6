import type { ChannelConfig, ChannelKind } from '../../config/config.ts'
import { type Clock, Pace, type Rate, REAL_CLOCK } from '../../time/rate-limiter.ts'

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

/** One pace for each bot, whatever the configuration calls it: two channels of one address are one bot. */
export class Paces {
  readonly #clock: Clock
  readonly #paces = new Map<string, Pace>()

  constructor(clock: Clock = REAL_CLOCK) {
    this.#clock = clock
  }

  of({ kind, webhookUrl }: Pick<ChannelConfig, 'kind' | 'webhookUrl'>): Pace {
    const pace = this.#paces.get(webhookUrl) ?? new Pace(RATES[kind], this.#clock)
    this.#paces.set(webhookUrl, pace)
    return pace
  }
}
