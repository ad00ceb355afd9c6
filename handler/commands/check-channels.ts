import type { Config } from '../../config/config.ts'
import { Network } from '../../network/network.ts'
import { hearsAll } from '../../notify/hearing.ts'
import { openNotifier } from '../../notify/open-notifier.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'
import type { Check } from './check.ts'
import { testNotification } from './test-notification.ts'

/** Whether there are crashes of which nobody is told. */
export function checkHearing({
  notice: { channels },
  receivers,
}: Pick<Config, 'notice' | 'receivers'>): readonly Check[] {
  if (channels.length === 0 || receivers.length > 0 || channels.some(hearsAll)) return []
  const detail =
    'each hears of some crashes only: of what keyword, namespaces, labels and severity leave out, nobody is told'
  return [{ name: 'channels', warning: true, detail, hint: 'Add a channel without them, for the rest.' }]
}

/** With `send`, each is told of a crash that was none. */
export async function checkChannels(
  { notice: notification, paths, network: named }: Config,
  send: boolean,
): Promise<readonly Check[]> {
  if (notification.channels.length === 0)
    return [{ name: 'channels', warning: true, detail: 'none configured: nobody will be told of a crash' }]
  if (!send)
    return [
      {
        name: 'channels',
        detail: `${notification.channels.length} configured; --send sends them a test message`,
      },
    ]
  const { lookup, network } = handoffAccess(readHandoff(paths.run), new Network(named))
  const deliveries = await openNotifier(notification, { lookup, network }).tell(testNotification())
  return deliveries.map(({ channel, outcome, reason, hint }) => ({
    name: `channel ${channel}`,
    ...(outcome === 'failed'
      ? { problem: reason ?? 'failed' }
      : {
          ...(outcome !== 'sent' && { warning: true as const }),
          detail: outcome === 'sent' ? 'sent a message' : (reason ?? outcome),
        }),
    ...(hint === undefined ? {} : { hint }),
  }))
}
