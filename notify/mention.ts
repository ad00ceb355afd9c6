import type { ChannelConfig } from '../config/config.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Message } from './message.ts'
import type { Notification } from './notification.ts'

/**
 * Whether somebody is to be called by `notification`: by each core that was lost, and by the first crash of a
 * bug on this node, the tenth, the hundredth: who was called by the first knows of the second, and not that it
 * is getting worse. Not by word of crashes that were only counted.
 */
export function isCalling({ outcome, report }: Notification): boolean {
  if (outcome === 'lost' || outcome === 'suppressed') return outcome === 'lost'
  const { count = 1 } = report.seen ?? {}
  const before = toldBefore(report)
  return before < 1 || String(count).length > String(before).length
}

/** Whether no crash like it was told of before, on this node or in its cluster. */
export function isFirstTold({ report }: Notification): boolean {
  return toldBefore(report) < 1
}

/** Those that were only counted since the last message are told of by this one. */
function toldBefore({ seen, suppressed = 0 }: Pick<CrashReport, 'seen' | 'suppressed'>): number {
  return (seen?.count ?? 1) - 1 - suppressed
}

/** `message`, which calls those whom the configuration of the channel names. */
export function calling(message: Message, { mentions = [] }: ChannelConfig): Message {
  return mentions.length === 0 ? message : { ...message, mentions }
}

/** The mentions of `message` in the chat's markup, which `mark` makes of an id; empty: it calls nobody. */
export function mentionsOf({ mentions = [] }: Message, mark: (id: string) => string): string {
  return mentions.map(mark).join(' ')
}
