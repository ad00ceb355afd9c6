import { fitting } from '../fitting.ts'
import {
  factText,
  itemText,
  linkLine,
  logOf,
  MARKDOWN,
  markdownLink,
  ownTextOf,
  PLAIN,
  plainLayout,
  smallPrint,
  stackOf,
  standsAlone,
} from '../layout.ts'
import { mentionsOf } from '../mention.ts'
import type { Message } from '../message.ts'
import { MALFORMED, type Ruling, rulingIn, verdictByCode } from '../verdict.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

// In bytes of UTF-8, so a Chinese character is three:
// https://developer.work.weixin.qq.com/document/path/91770
const LONGEST_MARKDOWN_BYTES = 4096
const LONGEST_TEXT_BYTES = 2048

// The three colours that WeCom's markdown knows: green, grey, orange-red.
const COLOURS = { red: 'warning', orange: 'warning', blue: 'info' } as const

const { escaped } = MARKDOWN

/**
 * A group bot of WeCom, as `markdown`: `markdown_v2` has no colours and shows raw text in clients before
 * 4.1.36. It has no signature; the key in its address is all it asks for. It answers HTTP 200 to what it
 * refuses.
 */
export const wechat: ChannelOf<'wechat'> = {
  kind: 'wechat',
  // 20 a minute.
  rate: { burst: 5, perSecond: 0.24 },
  render: message =>
    fitting(message, markdown, body => Buffer.byteLength(body.markdown.content) <= LONGEST_MARKDOWN_BYTES),
  renderPlain: message =>
    fitting(message, text, body => Buffer.byteLength(body.text.content) <= LONGEST_TEXT_BYTES),
  verdict: answer =>
    verdictByCode(answer, { codes: ['errcode'], said: 'errmsg' }, code => rulingIn(RULINGS, code)),
}

function text(message: Message): ChatBody & { readonly text: { readonly content: string } } {
  const { mentions } = message
  const called = mentions === undefined ? {} : { mentioned_list: mentions }
  return { msgtype: 'text', text: { content: plainLayout(message, PLAIN), ...called } }
}

function markdown(message: Message): ChatBody & { readonly markdown: { readonly content: string } } {
  const own = ownTextOf(message, MARKDOWN)
  // Only `text` has a list for them; an empty line ends a quote.
  const mentions = mentionsOf(message, id => `<@${id}>`).replace(/^(?=.)/, '\n')
  const parts = standsAlone(message) ? [own] : [...head(message), own, ...foot(message)]
  return { msgtype: 'markdown', markdown: { content: [...parts, mentions].filter(Boolean).join('\n') } }
}

function head(message: Message): string[] {
  const { tone, title, reason, lines, items = [], facts } = message
  const [heading = '', ...said] = logOf(message)
  return [
    `### <font color="${COLOURS[tone]}">${escaped(title)}</font>`,
    ...reason.map(escaped),
    quote(stackOf(message).map(escaped)),
    escaped(heading),
    quote(said.map(escaped)),
    ...lines.map(escaped),
    ...items.map(item => itemText(item, escaped, markdownLink)),
    quote(facts.map(({ label, value }) => factText(message, label, escaped(value)))),
  ]
}

/** An empty line ends it; without that, what follows is taken for its last line. */
function quote(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.map(line => `>${line}`).join('\n')}\n`
}

function foot(message: Message): string[] {
  const { link, commands } = message
  return [
    linkLine(message, markdownLink),
    ...(link === null ? [] : [`[${link.label}](${link.url})`]),
    ...commands.map(command => `\`${escaped(command)}\``),
    ...smallPrint(message, MARKDOWN).map(line => `<font color="comment">${line}</font>`),
  ]
}

const RULINGS: Readonly<Record<string, Ruling>> = {
  40008: MALFORMED,
  40058: MALFORMED,
  93000: {
    kind: 'failed',
    meaning: 'WeCom does not know this bot',
    hint: 'Copy webhookurl again, with its key, from the settings of the bot; it ends when the bot is removed.',
  },
  45009: {
    kind: 'retry',
    meaning: 'too many messages',
    hint: 'A bot takes 20 messages a minute: use several bots, or narrow them with keyword.',
    afterSeconds: 60,
  },
  45033: {
    kind: 'retry',
    meaning: 'too many messages at once',
    hint: 'Use several bots, or narrow them with keyword.',
  },
  '-1': {
    kind: 'retry',
    meaning: 'WeCom is busy',
    hint: 'Check the status of WeCom if it lasts.',
  },
}
