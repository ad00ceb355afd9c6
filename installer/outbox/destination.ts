import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { Host } from '../../handoff/host.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Network } from '../../network/network.ts'
import type { Notification } from '../../notify/notification.ts'
import type { DestinationKind, Target } from '../../notify/target.ts'
import type { Verdict } from '../../notify/verdict.ts'
import type { AlertBook } from './alert-book.ts'
import type { ChatLimiters } from './chat-rates.ts'
import type { ChatTurns } from './chat-turns.ts'
import type { Environment } from './core-sight-config.ts'

/** What is told of crashes: a chat, the operator's script, CoreSight. */
export interface Destination {
  /** As the outbox has it. */
  readonly target: Target
  /** As a log may show it: `slack#2`. */
  readonly name: string
  readonly kind: DestinationKind
  /** How often it is tried; absent: until the entry is too old. */
  readonly mostAttempts?: number
  /** Ends soon after `signal`, and then counts as failed for now. */
  readonly deliver: (entry: OutboxEntry, signal: AbortSignal) => Promise<Verdict>
  /** Absent: it is told of each crash by itself. */
  readonly together?: Together
}

/** How many crashes are told of in one message. */
export interface Together {
  /** Whether the destination is to be told of such a crash at all. */
  readonly hears: (notification: Notification) => boolean
  readonly deliver: (notifications: readonly Notification[], signal: AbortSignal) => Promise<Verdict>
}

/** `null`: it is no longer in the configuration. */
export type DestinationOf = (target: Target) => Destination | null

/** What destinations are reached by. */
export interface Reach {
  readonly config: Config
  readonly host: Host
  /** Names are our pod's to look up. */
  readonly network: Network
  readonly limiters: ChatLimiters
  /** Absent: no other node tells the bots. */
  readonly turns?: Pick<ChatTurns, 'secondsTo'>
  /** What is told again as long as it goes on; absent: nothing. */
  readonly alerts?: AlertBook
  /** Whether coredog-api serves the crashes of this cluster; absent: no. */
  readonly hasApi?: () => boolean
  /** The installer's own, which the script gets too. */
  readonly env: Environment
  readonly log: Logger
}
