import type { ChannelKind } from '../../config/chats.ts'
import type { ChannelOf } from './channel.ts'
import { dingtalk } from './dingtalk.ts'
import { discord } from './discord.ts'
import { feishu } from './feishu.ts'
import { slack } from './slack.ts'
import { teams } from './teams.ts'
import { telegram } from './telegram.ts'
import { wechat } from './wechat.ts'

/** How each kind of chat is spoken to. Complete: it does not compile without one that can be configured. */
export const CHANNELS: { readonly [Kind in ChannelKind]: ChannelOf<Kind> } = {
  feishu,
  wechat,
  slack,
  dingtalk,
  teams,
  telegram,
  discord,
}
