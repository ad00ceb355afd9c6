import type { ChannelKind, SigningKind } from '../../config/chats.ts'
import type { Rate } from '../../time/rate-limiter.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { Message } from '../message.ts'
import type { Verdict } from '../verdict.ts'

/** What a chat takes: an object for `JSON.stringify`, never a text put together by hand. */
export type ChatBody = Readonly<Record<string, unknown>>

export interface ChatRequest {
  readonly url: string
  readonly body: ChatBody
}

/** One kind of chat: how a message looks there, and what its answers mean. All of it is pure. */
export interface Channel {
  readonly kind: ChannelKind
  /**
   * How fast one bot may be told: what its chat takes, and a little less, for the handlers of the node tell,
   * too.
   */
  readonly rate: Rate
  /** The message at its best, within the chat's limits, with every value escaped. */
  render(message: Message): ChatBody
  /**
   * Plain text, for when {@link render} was refused as malformed: a plain notification is better than none.
   */
  renderPlain(message: Message): ChatBody
  verdict(answer: ChatAnswer): Verdict
  readonly sign?: Sign | undefined
}

/** The signed request. `now` must be the time of sending: a signature is good for an hour. */
type Sign = (request: ChatRequest, secret: string, now: Date) => ChatRequest

/** A channel of this kind: it signs if, and only if, the configuration says that it does. */
export type ChannelOf<Kind extends ChannelKind> = Channel & {
  readonly kind: Kind
} & (Kind extends SigningKind ? { readonly sign: Sign } : { readonly sign?: undefined })
