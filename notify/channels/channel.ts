import type { ChannelKind } from '../../config/config.ts'
import type { Message } from '../message.ts'
import type { Verdict } from '../verdict.ts'
import { dingtalk } from './dingtalk.ts'
import { feishu } from './feishu.ts'
import { slack } from './slack.ts'
import { wechat } from './wechat.ts'

/** What a chat takes: an object for `JSON.stringify`, never a text put together by hand. */
export type ChatBody = Readonly<Record<string, unknown>>

export interface ChatRequest {
  readonly url: string
  readonly body: ChatBody
}

export interface ChatAnswer {
  /** Of HTTP. It says little: Feishu, WeCom and DingTalk say failure with 200. */
  readonly status: number
  /** At most 64 KiB of it. */
  readonly body: string
}

/** One kind of chat: how a message looks there, and what its answers mean. All of it is pure. */
export interface Channel {
  readonly kind: ChannelKind
  /** The message at its best, within the chat's limits, with every value escaped. */
  render(message: Message): ChatBody
  /** Plain text, for when {@link render} was refused as malformed: a plain notice is better than none. */
  renderPlain(message: Message): ChatBody
  verdict(answer: ChatAnswer): Verdict
  /** The signed request. `now` must be the time of sending: a signature is good for an hour. */
  sign?(request: ChatRequest, secret: string, now: Date): ChatRequest
}

export const CHANNELS: Readonly<Record<ChannelKind, Channel>> = { feishu, wechat, slack, dingtalk }
