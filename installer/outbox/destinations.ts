import type { Logger } from 'pino'
import type { ChannelConfig, Config } from '../../config/config.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import { Network } from '../../network/network.ts'
import { channelName } from '../../notify/channel-name.ts'
import type { Delivery, Notice } from '../../notify/notice.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { channelTarget, type Target } from '../../notify/target.ts'
import { OK, type Verdict } from '../../notify/verdict.ts'
import { chatDestination } from './chat.ts'
import type { Paces } from './chat-rates.ts'
import { reportToCoreSight, shownUrl } from './core-sight.ts'
import { withEnvironment } from './core-sight-config.ts'
import { type CustomHandlerOptions, runCustomHandler } from './custom-handler.ts'

/** Somebody who can be told. */
export interface Destination {
  /** As a log may show it: `slack#2`. */
  readonly name: string
  readonly kind: 'channel' | 'customHandler' | 'coreSight'
  /** How often it is tried; absent: until the entry is too old. */
  readonly mostAttempts?: number
  /** Ends soon after `signal`, and then counts as failed for now. */
  readonly deliver: (entry: OutboxEntry, signal: AbortSignal) => Promise<Verdict>
  /** Absent: it is told of each crash by itself. */
  readonly together?: Together
}

/** How somebody is told of many crashes in one message. */
export interface Together {
  /** Whether it is to be told of such a crash at all. */
  readonly hears: (notice: Notice) => boolean
  readonly deliver: (notices: readonly Notice[], signal: AbortSignal) => Promise<Verdict>
}

/** `null`: it is no longer in the configuration. */
export type DestinationOf = (target: Target) => Destination | null

export interface DestinationsOptions extends CustomHandlerOptions {
  readonly config: Config
  readonly paces: Paces
}

// It may have done half of its work each time.
const MOST_SCRIPT_RUNS = 3

/** Those who are to be told by `config`. */
export function destinationsIn(options: DestinationsOptions): DestinationOf {
  const { config, host, paces, env, log } = options
  const network = new Network(config.network, host.root)
  const coreSight = withEnvironment(config.coreSight, env)
  announce(config, coreSight.url, log)
  const destinations = new Map<Target, Destination>(
    config.notice.channels.map((channel, at) => [
      channelTarget(channel),
      chatDestination(channelDestination(channel, at, config, network), channel, paces.of(channel), network),
    ]),
  )
  if (config.customHandler.enabled)
    destinations.set('customHandler', {
      name: 'customHandler',
      kind: 'customHandler',
      mostAttempts: MOST_SCRIPT_RUNS,
      deliver: ({ notice }, signal) => runCustomHandler(notice, options, signal),
    })
  if (coreSight.enabled)
    destinations.set('coreSight', {
      name: 'coreSight',
      kind: 'coreSight',
      deliver: (entry, signal) => reportToCoreSight(entry, coreSight, { log, network }, signal),
    })
  return target => destinations.get(target) ?? null
}

/** One attempt: whoever calls has a longer patience than the notifier. Names are our pod's to look up. */
function channelDestination(
  channel: ChannelConfig,
  at: number,
  { notice: wording }: Config,
  network: Network,
): Destination {
  return {
    name: channelName(channel, at),
    kind: 'channel',
    deliver: async ({ notice }, signal) => {
      const only = { ...wording, channels: [channel] }
      using grace = new Grace(signal)
      const notifier = openNotifier(only, { retryMilliseconds: [], network, signal: grace.signal })
      const [delivery] = await notifier.tell(notice)
      return verdictOf(delivery)
    },
  }
}

const GRACE_MILLISECONDS = 5_000

/**
 * Aborts a while after `ending`: a chat that was asked just now has perhaps taken the message, and without its
 * answer it would get it again, whenever the configuration changes or the installer is updated.
 */
class Grace implements Disposable {
  readonly #late = new AbortController()
  readonly #ending: AbortSignal
  readonly #begin = () => {
    this.#timer = setTimeout(() => this.#late.abort(this.#ending.reason), GRACE_MILLISECONDS)
  }
  #timer: NodeJS.Timeout | undefined

  constructor(ending: AbortSignal) {
    this.#ending = ending
    if (ending.aborted) this.#begin()
    else ending.addEventListener('abort', this.#begin, { once: true })
  }

  get signal(): AbortSignal {
    return this.#late.signal
  }

  [Symbol.dispose](): void {
    this.#ending.removeEventListener('abort', this.#begin)
    clearTimeout(this.#timer)
  }
}

export function verdictOf(delivery: Delivery | undefined): Verdict {
  if (delivery?.outcome !== 'failed') return OK
  const { reason = '', hint = '', retryAfterSeconds: afterSeconds } = delivery
  return afterSeconds === undefined
    ? { kind: 'failed', reason, hint }
    : { kind: 'retry', reason, hint, afterSeconds }
}

/** In the words of the original CoreDog. */
function announce({ coreSight, customHandler }: Config, url: string | null, log: Logger): void {
  const { enabled, skipDefaultNotify, skipCoreSight } = customHandler
  if (enabled)
    log.info(
      {},
      `CustomHandler enabled: skipDefaultNotify=${skipDefaultNotify}, skipCoreSight=${skipCoreSight}`,
    )
  if (!coreSight.enabled) return
  if (url === null) log.warn({}, 'CoreSight API URL is not configured, event reporting disabled')
  else log.info({}, `CoreSight integration enabled: ${shownUrl(url)}`)
}
