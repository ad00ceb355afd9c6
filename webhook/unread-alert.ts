import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { Network } from '../network/network.ts'
import type { Speaker } from '../notify/note.ts'
import { openNotifier } from '../notify/open-notifier.ts'
import { UnreadPods } from './admission/unread-pods.ts'
import type { Outside } from './review.ts'
import type { State } from './state.ts'

/** Tells of pods that could not be read, in the chats of the configuration that is in force then. */
export function unreadAlert(
  state: Pick<State, 'config'>,
  log: Logger,
  signal: AbortSignal,
): Outside['onUnread'] {
  const unread = new UnreadPods(
    async note => (state.config === null ? [] : speakerOf(state.config, signal).say(() => note)),
    log,
  )
  return (pod, reason) => unread.report(pod, reason)
}

function speakerOf({ notice: notification, network }: Config, signal: AbortSignal): Speaker {
  return openNotifier(notification, { network: new Network(network), signal })
}
