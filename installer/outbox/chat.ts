import type { ChannelConfig } from '../../config/config.ts'
import { batchNote } from '../../notify/batch-note.ts'
import { channelName } from '../../notify/channel-name.ts'
import { withDetail } from '../../notify/detail.ts'
import { type DownloadWay, downloadWay, inWay } from '../../notify/download-way.ts'
import { unheardBy } from '../../notify/hearing.ts'
import type { Delivery, Notification } from '../../notify/notification.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { channelTarget } from '../../notify/target.ts'
import { OK, type Verdict } from '../../notify/verdict.ts'
import { Grace } from '../../time/grace.ts'
import { pause } from '../../time/pause.ts'
import type { Destination, Reach, Together } from './destination.ts'

/**
 * A chat that was asked just now has perhaps taken the message, and without its answer it would get it again,
 * whenever the configuration changes or the installer is updated.
 */
const GRACE_MILLISECONDS = 5_000

/** What waits for longer is in the way of others. */
const LONGEST_WAIT_SECONDS = 15
const OTHERS_FIRST = {
  kind: 'retry',
  reason: 'other nodes have messages for this chat that come first',
  hint: 'It is told in its turn; where that takes too long, narrow what a channel hears of, or have several.',
  isTurn: true,
} as const

/**
 * The chats of the configuration: told no faster than they like it, and able to hear of many crashes at once.
 */
export function chats(reach: Reach): readonly Destination[] {
  return reach.config.notice.channels.map((channel, at) => ({
    target: channelTarget(channel),
    name: channelName(channel, at),
    kind: 'channel',
    deliver: async ({ notice: notification }, signal) => {
      // Of what is not for it, it is not told, so that costs nothing.
      const early = unheardBy(channel, notification) === null ? await tooEarly(channel, reach, signal) : null
      return early ?? tell(channel, notification, reach, signal)
    },
    together: togetherTo(channel, reach),
  }))
}

/** `null`: the bot may be told by now. */
async function tooEarly(
  channel: ChannelConfig,
  { limiters, turns }: Reach,
  signal: AbortSignal,
): Promise<Verdict | null> {
  const seconds = async () => (await turns?.secondsTo(channel)) ?? 0
  let afterSeconds = await seconds()
  for (; afterSeconds > 0; afterSeconds = await seconds()) {
    if (afterSeconds > LONGEST_WAIT_SECONDS || signal.aborted) return { ...OTHERS_FIRST, afterSeconds }
    await pause(afterSeconds, signal)
  }
  await limiters.of(channel).next(signal)
  return null
}

/** One attempt: the outbox has a longer patience than the notifier. */
async function tell(
  channel: ChannelConfig,
  notification: Notification,
  reach: Reach,
  ending: AbortSignal,
): Promise<Verdict> {
  const { config, network } = reach
  using grace = new Grace(ending, GRACE_MILLISECONDS)
  const only = { ...config.notice, channels: [channel] }
  const options = { retryMilliseconds: [], network, signal: grace.signal }
  const [delivery] = await openNotifier(only, options).tell(inWay(notification, wayOf(reach)))
  return verdictOf(delivery)
}

function wayOf({ config, hasApi }: Reach): DownloadWay {
  return downloadWay(config.notice.downloadLink, hasApi?.())
}

function togetherTo(channel: ChannelConfig, reach: Reach): Together {
  const { config, network } = reach
  return {
    hears: notification => unheardBy(channel, notification) === null,
    deliver: async (notifications, signal) => {
      const early = await tooEarly(channel, reach, signal)
      if (early !== null) return early
      const only = { channels: [channel], messageTemplate: null, messageLabels: {} }
      const options = { retryMilliseconds: [], network, signal }
      const way = wayOf(reach)
      const shown = notifications.map(told => inWay(withDetail(told, config.notice.detail), way))
      const [delivery] = await openNotifier(only, options).say(language => batchNote(shown, language))
      return verdictOf(delivery)
    },
  }
}

function verdictOf(delivery: Delivery | undefined): Verdict {
  if (delivery?.outcome !== 'failed') return OK
  const { reason = '', hint = '', retryAfterSeconds: afterSeconds } = delivery
  return afterSeconds === undefined
    ? { kind: 'failed', reason, hint }
    : { kind: 'retry', reason, hint, afterSeconds }
}
