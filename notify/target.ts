import { createHash } from 'node:crypto'
import type { ChannelConfig } from '../config/config.ts'

/**
 * Kinds of destinations, in the order in which they are told. Another one is a line here; notify/routing.ts,
 * which says when it is told, and installer/outbox/destinations.ts, which tells it, do not compile without
 * it.
 */
export const DESTINATION_KINDS = ['customHandler', 'channel', 'coreSight'] as const

export type DestinationKind = (typeof DESTINATION_KINDS)[number]

/**
 * A destination as the outbox names it: it holds no secret. There may be many channels, and one of each other
 * kind.
 */
export type Target = Exclude<DestinationKind, 'channel'> | `channel:${string}`

const CHANNEL = /^channel:[0-9a-f]{32}$/

/** Whether it is what the outbox names a destination of this or an earlier release. */
export function isTarget(value: unknown): value is Target {
  if (typeof value !== 'string') return false
  return CHANNEL.test(value) || (value !== 'channel' && DESTINATION_KINDS.some(kind => kind === value))
}

/** Channels are told by the handler, if it can; all others by the installer alone. */
export function isChannel(target: Target): boolean {
  return target.startsWith('channel:')
}

/** Whether one of `pending` is of a kind that is told before the channels are. */
export function isBeforeChannels(pending: readonly Target[]): boolean {
  const earlier: readonly string[] = DESTINATION_KINDS.slice(0, DESTINATION_KINDS.indexOf('channel'))
  return pending.some(target => earlier.includes(target))
}

/**
 * A channel by what it is, not by where it stands in the configuration, which may change before it is told.
 * Its address is a secret, so a digest stands for it. Two channels of one address differ by their keyword.
 */
export function channelTarget({ kind, webhookUrl, keyword }: ChannelConfig): Target {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, webhookUrl, keyword]))
    .digest('hex')
  return `channel:${digest.slice(0, 32)}`
}
