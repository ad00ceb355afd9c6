import { createHash } from 'node:crypto'
import type { ChannelConfig } from '../config/config.ts'
import { RECEIVER_KINDS, type ReceiverConfig } from '../config/receivers/all.ts'

/**
 * Kinds of destinations, in the order in which they are told. A program that is told over HTTP is a line in
 * config/receivers/all.ts. Another one is a line here; notify/routing.ts, which says when it is told, and
 * installer/outbox/destinations.ts, which tells it, do not compile without it.
 */
export const DESTINATION_KINDS = ['customHandler', 'channel', 'coreSight', ...RECEIVER_KINDS] as const

export type DestinationKind = (typeof DESTINATION_KINDS)[number]

type One = 'customHandler' | 'coreSight'

/**
 * A destination as the outbox names it: it holds no secret. There may be many channels, and many receivers of
 * each kind.
 */
export type Target = One | `${Exclude<DestinationKind, One>}:${string}`

const ONE: readonly string[] = ['customHandler', 'coreSight'] satisfies readonly One[]
const OF_MANY = /^[a-z][A-Za-z]{0,31}:[0-9a-f]{32}$/

/**
 * Whether it is what the outbox names a destination of this release or another one: what it says of a kind that
 * came later keeps nobody else from being told.
 */
export function isTarget(value: unknown): value is Target {
  return typeof value === 'string' && (ONE.includes(value) || OF_MANY.test(value))
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
 * Its address is a secret, so a digest stands for it. Two channels of one address differ by what they
 * hear of.
 */
export function channelTarget({ kind, webhookUrl, keyword, ...hears }: ChannelConfig): Target {
  const { namespaces, labels, severity } = hears
  const parts = [namespaces, labels, severity]
  // As releases before had it, where there is nothing else.
  const more = parts.every(part => part === undefined) ? [] : [JSON.stringify(parts)]
  return `channel:${digestOf([kind, webhookUrl, keyword, ...more])}`
}

/** As {@link channelTarget}: two receivers of a kind differ by their address. */
export function receiverTarget({ kind, url }: Pick<ReceiverConfig, 'kind' | 'url'>): Target {
  return `${kind}:${digestOf([kind, url])}`
}

export function isReceiver(target: Target): boolean {
  return RECEIVER_KINDS.some(kind => target.startsWith(`${kind}:`))
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
