import { type Fields, fieldsIn, fieldsOf, numberOf } from '../../crash/fields.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import { fitting } from '../fitting.ts'
import {
  type Dialect,
  escapeBy,
  itemText,
  linkLine,
  logOf,
  ownTextOf,
  PLAIN,
  plainCall,
  smallPrint,
  stackOf,
  standsAlone,
} from '../layout.ts'
import { mentionsOf } from '../mention.ts'
import type { Message } from '../message.ts'
import { applyRuling, MALFORMED, OK, type Ruling, type Verdict, verdictOfStatus } from '../verdict.ts'
import type { Link } from '../web-link.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

// Of what is shown: tags and addresses do not count. https://core.telegram.org/bots/api#sendmessage
const LONGEST_TEXT = 4096
/** Of what is sent, well within what a bot may send. */
const LONGEST_MARKUP = 16_384

// These and no others: https://core.telegram.org/bots/api#html-style
const html = escapeBy({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })

/**
 * Telegram makes links, mentions and commands of whatever looks like one, "order.cc" too, unless it is code. A word
 * joiner, which nobody sees, ends what looks like one.
 */
const unlinked = escapeBy(Object.fromEntries([...'.@/#$'].map(sign => [sign, `${sign}\u2060`])))
const escaped = (text: string) => unlinked(html(text))

const HTML: Dialect = { escaped, url: html, link: (url, label) => linkOf({ label, url }) }
// A command that is copied must hold nothing invisible.
const TEXT: Dialect = { ...PLAIN, escaped: text => PLAIN.escaped(text).replaceAll('@', '＠') }

/**
 * A bot of Telegram: its token is in the address, and so is the chat (`chat_id`), for the API takes values from both
 * the address and the body.
 */
export const telegram: ChannelOf<'telegram'> = {
  kind: 'telegram',
  // 20 a minute into one group: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
  rate: { burst: 4, perSecond: 0.26 },
  render: message => fitting(message, markup, fitsMarkup),
  renderPlain: message => fitting(message, text, ({ text }) => text.length <= LONGEST_TEXT),
  verdict,
}

type TelegramBody = ChatBody & { readonly text: string }

// It would fetch the link to show what is behind it: a core.
const QUIET = { link_preview_options: { is_disabled: true } }

function text(message: Message): TelegramBody {
  return { text: plainCall(message, TEXT, mention), ...QUIET }
}

function markup(message: Message): TelegramBody {
  const own = ownTextOf(message, HTML)
  const parts = standsAlone(message) ? [own || ' '] : partsOf(message, own)
  const shown = [...parts, mentionsOf(message, mention)].filter(part => part !== '')
  return { text: shown.join('\n'), parse_mode: 'HTML', ...QUIET }
}

// A title has no colour.
const MARKS = { red: '🔴', orange: '🟠', blue: '🔵' } as const

function partsOf(message: Message, own: string): readonly string[] {
  const { tone, title, reason, lines, items = [], facts, link, commands } = message
  const [heading = '', ...said] = logOf(message)
  return [
    `${MARKS[tone]} <b>${escaped(title)}</b>`,
    ...reason.map(escaped),
    block(stackOf(message)),
    escaped(heading),
    block(said),
    ...lines.map(escaped),
    ...items.map(item => itemText(item, escaped, linkOf)),
    ...facts.map(({ label, value }) => `${label}: ${code(value)}`),
    own,
    linkLine(message, linkOf),
    ...(link === null ? [] : [linkOf(link)]),
    ...commands.map(command => block([command])),
    ...smallPrint(message, { escaped: code, url: html }),
  ]
}

function code(value: string): string {
  return value === '' ? '' : `<code>${html(value)}</code>`
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<pre>${lines.map(html).join('\n')}</pre>`
}

function linkOf({ label, url }: Link): string {
  return `<a href="${html(url)}">${label}</a>`
}

function mention(id: string): string {
  return `@${id}`
}

function fitsMarkup({ text }: TelegramBody): boolean {
  const shown = text.replace(/<[^>]*>/g, '').replace(/&\w+;/g, '_')
  return shown.length <= LONGEST_TEXT && Buffer.byteLength(text) <= LONGEST_MARKUP
}

// Telegram says what is wrong in words; its codes are those of HTTP.
const REFUSALS: readonly (Ruling & { readonly said: RegExp })[] = [
  { ...MALFORMED, said: /can't parse entities|message is too long|text is empty|ENTITY/i },
  {
    said: /chat not found|chat_id is empty|have no rights to send/i,
    kind: 'failed',
    meaning: 'Telegram knows no such chat of this bot',
    hint: 'Add the bot to the group, and put ?chat_id= and the ID of the group into webhookurl.',
  },
  {
    said: /upgraded to a supergroup/i,
    kind: 'failed',
    meaning: 'the group has become a supergroup, with another ID',
    hint: 'Put the new ID of the group, which begins with -100, into chat_id of webhookurl.',
  },
  {
    said: /thread not found|TOPIC_CLOSED/i,
    kind: 'failed',
    meaning: 'the topic does not exist or is closed',
    hint: 'Correct message_thread_id of webhookurl, or leave it out.',
  },
  {
    said: /bot was (?:kicked|blocked)|not a member|deactivated/i,
    kind: 'failed',
    meaning: 'the bot is not in the chat any more',
    hint: 'Add the bot to the group again.',
  },
  {
    said: /^(?:unauthorized|not found)/i,
    kind: 'failed',
    meaning: 'Telegram does not know this bot',
    hint: 'Put the token that BotFather gave into webhookurl, in the form that docs/channels.md shows.',
  },
]

function verdict({ status, body }: ChatAnswer): Verdict {
  const answer = fieldsIn(body)
  if (status === 200 && answer?.ok === true) return OK
  const said = typeof answer?.description === 'string' ? answer.description : ''
  if (answer?.ok !== false) return verdictOfStatus(status)
  if (status === 429) return applyRuling({ ...TOO_MANY, afterSeconds: secondsOf(answer) }, 'HTTP 429', said)
  const ruling = REFUSALS.find(row => row.said.test(said.replace(/^(?:Bad Request|Forbidden): /i, '')))
  return ruling ? applyRuling(ruling, `HTTP ${status}`, said) : verdictOfStatus(status)
}

function secondsOf({ parameters }: Fields): number {
  const seconds = numberOf(fieldsOf(parameters).retry_after)
  return seconds > 0 ? seconds : 0
}

const TOO_MANY: Ruling = {
  kind: 'retry',
  meaning: 'too many messages',
  hint: 'A bot may send 20 messages a minute into a group: use several groups, or narrow them with keyword.',
}
