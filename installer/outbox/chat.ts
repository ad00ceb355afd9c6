import type { ChannelConfig } from '../../config/config.ts'
import type { Network } from '../../network/network.ts'
import type { Notice } from '../../notify/notice.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { stormNote } from '../../notify/storm-note.ts'
import type { Pace } from '../../time/rate-limiter.ts'
import { type Destination, verdictOf } from './destinations.ts'

/** The destination of a channel, no faster than its chat likes it, and able to hear of many crashes at once. */
export function chatDestination(
  one: Destination,
  channel: ChannelConfig,
  pace: Pace,
  network: Network,
): Destination {
  const hears = ({ corefilePath }: Notice) => corefilePath.includes(channel.keyword)
  return {
    ...one,
    deliver: async (entry, signal) => {
      // Of what is not for it, it is not told, so that costs nothing.
      if (hears(entry.notice)) await pace.next(signal)
      return one.deliver(entry, signal)
    },
    together: {
      hears,
      deliver: async (notices, signal) => {
        await pace.next(signal)
        const only = { channels: [channel], messageTemplate: null, messageLabels: {} }
        const [delivery] = await openNotifier(only, { retryMilliseconds: [], network, signal }).say(
          stormNote(notices),
        )
        return verdictOf(delivery)
      },
    },
  }
}
