import { CHANNEL_KINDS } from '../config/chats.ts'
import type { ChannelConfig } from '../config/config.ts'

const NAME = new RegExp(`^(?:${CHANNEL_KINDS.join('|')})#\\d{1,2}$`)

/**
 * The channel at `place`, from 0, of the configuration, as logs, metrics and the self-test show it:
 * `feishu#1`.
 */
export function channelName({ kind }: Pick<ChannelConfig, 'kind'>, place: number): string {
  return `${kind}#${place + 1}`
}

/** Whether it is such a name, of one of the first 99 channels. */
export function isChannelName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name)
}
