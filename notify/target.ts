import { createHash } from 'node:crypto'
import type { ChannelConfig, Config } from '../config/config.ts'
import type { Notice } from './notice.ts'

/** Somebody who is to hear of a crash, as the outbox names them: it holds no secret. */
export type Target = 'customHandler' | 'coreSight' | `channel:${string}`

type Recipients = Pick<Config, 'notice' | 'customHandler' | 'coreSight'>

/**
 * Everybody who is to hear of `notice`, in the order in which they are told. Script and CoreSight get
 * cores; where there is none, the script cannot have told anybody, so the channels are told in any case.
 */
export function targetsOf(
  { notice: { channels }, customHandler, coreSight }: Recipients,
  notice: Notice,
): readonly Target[] {
  const hasCore = notice.report.core?.key !== undefined
  const runsScript = hasCore && customHandler.enabled
  const tellsChannels = !(runsScript && customHandler.skipDefaultNotify)
  const reports = hasCore && coreSight.enabled && !(runsScript && customHandler.skipCoreSight)
  return [
    ...(runsScript ? (['customHandler'] as const) : []),
    ...(tellsChannels ? new Set(channels.map(channelTarget)) : []),
    ...(reports ? (['coreSight'] as const) : []),
  ]
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
