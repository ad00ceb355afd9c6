import type { ChannelConfig } from '../config/config.ts'
import type { Message } from './message.ts'
import type { Notification } from './notification.ts'

/**
 * Whether somebody is to be called by `notification`: by each crash of which there is a core, and by each core
 * that was lost. Not by word of more crashes that were counted: whoever was called by the first of them knows.
 */
export function isCalling({ outcome }: Notification): boolean {
  return outcome !== 'suppressed'
}

/** `message`, which calls those whom the configuration of the channel names. */
export function calling(message: Message, { mentions = [] }: ChannelConfig): Message {
  return mentions.length === 0 ? message : { ...message, mentions }
}

/** The mentions of `message` in the chat's markup, which `mark` makes of an id; empty: it calls nobody. */
export function mentionsOf({ mentions = [] }: Message, mark: (id: string) => string): string {
  return mentions.map(mark).join(' ')
}
