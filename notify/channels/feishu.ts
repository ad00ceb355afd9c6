import { createHmac } from 'node:crypto'
import type { Fact } from '../facts.ts'
import { fitting } from '../fitting.ts'
import {
  AS_IT_IS,
  type Dialect,
  escapeBy,
  itemText,
  linkLine,
  logOf,
  MARKDOWN,
  markdownLink,
  ownTextOf,
  PLAIN,
  plainCall,
  smallPrint,
  stackOf,
} from '../layout.ts'
import { mentionsOf } from '../mention.ts'
import type { Message } from '../message.ts'
import { MALFORMED, type Ruling, rulingIn, verdictByCode } from '../verdict.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

// 20 KB is the documented limit of a request; the signature needs some of it.
const LONGEST_BODY_BYTES = 20_000 - 200
/** A value as long as this still stands beside another one on a phone. */
const SHORT_VALUE = 24

// lark_md takes HTML entities:
// https://open.feishu.cn/document/common-capabilities/message-card/message-cards-content/using-markdown-tags
const escaped = escapeBy({
  '&': '&#38;',
  '<': '&#60;',
  '>': '&#62;',
  '*': '&#42;',
  _: '&#95;',
  '~': '&#126;',
  '[': '&#91;',
  ']': '&#93;',
  '(': '&#40;',
  ')': '&#41;',
  '`': '&#96;',
  '\\': '&#92;',
  '#': '&#35;',
  '!': '&#33;',
})
const LARK_MARKDOWN: Dialect = { ...MARKDOWN, escaped }

/**
 * A custom bot of Feishu or Lark, card 1.0: every client shows it, and it ignores what it does not know.
 * A secret signs the body. Feishu answers HTTP 200 to what it refuses.
 */
export const feishu: ChannelOf<'feishu'> = {
  kind: 'feishu',
  // 100 a minute, and 5 a second.
  rate: { burst: 3, perSecond: 1.6 },
  render: message => fitting(message, card, fitsBody),
  renderPlain: message => fitting(message, text, fitsBody),
  verdict: answer =>
    // Bots of the first version answer StatusCode alone.
    verdictByCode(answer, { codes: ['code', 'StatusCode'], said: 'msg' }, rulingOf),
  sign: ({ url, body }, secret, now) => {
    const timestamp = String(Math.floor(now.getTime() / 1000))
    return { url, body: { timestamp, sign: feishuSign(timestamp, secret), ...body } }
  },
}

/** Feishu's signature: what others would sign is the key here, and what is signed is empty. */
export function feishuSign(timestampSeconds: string, secret: string): string {
  return createHmac('sha256', `${timestampSeconds}\n${secret}`).digest('base64')
}

function fitsBody(body: ChatBody): boolean {
  return Buffer.byteLength(JSON.stringify(body)) <= LONGEST_BODY_BYTES
}

// Of an id that Feishu does not know, a card is refused, and a text shows what stands in the tag.
function text(message: Message): ChatBody {
  const shown = plainCall(message, PLAIN, id => `<at user_id="${id}">${id}</at>`)
  return { msg_type: 'text', content: { text: shown } }
}

function card(message: Message): ChatBody {
  return {
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true, enable_forward: true },
      header: { template: message.tone, title: plainText(message.title) },
      elements: elementsOf(message),
    },
  }
}

function elementsOf(message: Message): object[] {
  const { reason, lines, items = [], facts, ownText, link, commands } = message
  const [stack, log] = [stackOf(message), logOf(message)]
  const links = linkLine(message, markdownLink)
  const mentions = mentionsOf(message, id => `<at id=${id}></at>`)
  const small = smallPrint(message, AS_IT_IS).join('\n')
  return [
    ...reason.map(paragraph),
    ...(stack.length === 0 ? [] : [paragraph(stack.join('\n'))]),
    ...(log.length === 0 ? [] : [paragraph(log.join('\n'))]),
    ...lines.map(paragraph),
    ...items.map(item => ({ tag: 'div', text: larkText(itemText(item, escaped, markdownLink)) })),
    ...(facts.length === 0 ? [] : [{ tag: 'div', fields: facts.map(field) }]),
    ...(ownText === null ? [] : [{ tag: 'div', text: larkText(ownTextOf(message, LARK_MARKDOWN) || ' ') }]),
    ...(links === '' ? [] : [{ tag: 'div', text: larkText(links) }]),
    ...(link === null ? [] : [{ tag: 'hr' }, { tag: 'action', actions: [button(link)] }]),
    ...commands.map(paragraph),
    ...(mentions === '' ? [] : [{ tag: 'div', text: larkText(mentions) }]),
    ...(small === '' ? [] : [{ tag: 'note', elements: [plainText(small)] }]),
  ]
}

function field({ label, value }: Fact): object {
  return { is_short: value.length <= SHORT_VALUE, text: larkText(`**${label}**\n${escaped(value)}`) }
}

function button({ label, url }: NonNullable<Message['link']>): object {
  return { tag: 'button', type: 'primary', text: plainText(label), url }
}

function paragraph(text: string): object {
  return { tag: 'div', text: plainText(text) }
}

function plainText(content: string): object {
  return { tag: 'plain_text', content }
}

function larkText(content: string): object {
  return { tag: 'lark_md', content }
}

// Codes as operators report them; Feishu documents only some.
const RULINGS: Readonly<Record<string, Ruling>> = {
  9499: MALFORMED,
  10208: MALFORMED,
  11246: MALFORMED,
  11310: MALFORMED,
  200621: MALFORMED,
  11232: {
    kind: 'retry',
    meaning: 'too many messages',
    hint: 'A bot takes 100 messages a minute and 5 a second: use several bots, or narrow them with keyword.',
  },
  19001: {
    kind: 'failed',
    meaning: 'Feishu does not know this bot',
    hint: 'Copy webhookurl again from the settings of the bot; it changes when the bot is removed and added.',
  },
  19021: {
    kind: 'failed',
    meaning: 'the signature was refused',
    hint: 'Compare secret with the settings of the bot, and the clock of the node with the time: an hour is the limit.',
  },
  19022: {
    kind: 'failed',
    meaning: 'the address of the node is not on the IP list of the bot',
    hint: 'Add the address by which the nodes reach the internet to the IP list of the bot.',
  },
  19024: {
    kind: 'failed',
    meaning: 'the message lacks the keyword that the bot asks for',
    hint: 'Add "CoreDog" to the keywords of the bot or, with a messageTemplate, a word that stands in it.',
  },
}

function rulingOf(code: string): Ruling | undefined {
  return rulingIn(RULINGS, code) ?? (/^2300\d\d$/.test(code) ? MALFORMED : undefined)
}
