import { fieldsIn, numberOf, textOf } from '../../crash/fields.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import { fitting } from '../fitting.ts'
import {
  codeBlock,
  type Dialect,
  escapeBy,
  inUtc,
  itemText,
  linkLine,
  logOf,
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
import {
  applyRuling,
  MALFORMED,
  OK,
  type Ruling,
  rulingIn,
  type Verdict,
  verdictOfStatus,
} from '../verdict.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

// https://discord.com/developers/docs/resources/message#embed-object-embed-limits
const LONGEST_TITLE = 256
const LONGEST_DESCRIPTION = 4096
const LONGEST_CONTENT = 2000

const COLOURS = { red: 0xd9_2d_20, orange: 0xf7_90_09, blue: 0x2e_70_d0 } as const

// A backslash before any of them, which Discord does not show:
// https://support.discord.com/hc/en-us/articles/210298617
const escaped = escapeBy(
  Object.fromEntries([...'\\`*_~|<>[]()#-:@'].map(character => [character, `\\${character}`])),
)
const DISCORD: Dialect = {
  escaped,
  url: url => url,
  link: (url, label) => markdownLink({ label, url }),
  time: localTime,
}
const TEXT: Dialect = { ...PLAIN, escaped: text => escaped(PLAIN.escaped(text)) }

/**
 * A webhook of Discord: one embed, and above it those who are called, for an embed calls nobody. No name in it calls
 * anybody either: `allowed_mentions` has whom the operator named.
 */
export const discord: ChannelOf<'discord'> = {
  kind: 'discord',
  // 30 a minute to one channel, 5 in two seconds.
  rate: { burst: 4, perSecond: 0.42 },
  render: message => fitting(message, embedded, fitsEmbed),
  renderPlain: message => fitting(message, text, ({ content }) => content.length <= LONGEST_CONTENT),
  verdict,
}

interface Embed {
  readonly title?: string
  readonly description: string
  readonly color: number
}

function text(message: Message): ChatBody & { readonly content: string } {
  const content = [plainLayout(message, TEXT), mentionsOf(message, mention)].filter(Boolean).join('\n')
  // 4: no preview of a link, which would fetch a core.
  return { content, flags: 4, ...callable(message) }
}

function embedded(message: Message): ChatBody & { readonly embeds: readonly [Embed] } {
  const { tone, title } = message
  const own = ownTextOf(message, DISCORD)
  const alone = standsAlone(message)
  const shown = alone ? { description: own } : { title: escaped(title), description: descriptionOf(message) }
  return {
    ...(message.mentions && { content: mentionsOf(message, mention) }),
    embeds: [{ ...shown, color: COLOURS[tone] }],
    ...callable(message),
  }
}

function descriptionOf(message: Message): string {
  const { reason, lines, items = [], facts, link, commands } = message
  const [heading = '', ...said] = logOf(message)
  return [
    ...reason.map(escaped),
    codeBlock(stackOf(message)),
    escaped(heading),
    codeBlock(said),
    ...lines.map(escaped),
    ...items.map(item => itemText(item, escaped, markdownLink)),
    ...facts.map(({ label, value }) => `**${label}** ${escaped(value)}`),
    ownTextOf(message, DISCORD),
    linkLine(message, markdownLink),
    ...(link === null ? [] : [markdownLink(link)]),
    ...commands.map(command => codeBlock([command])),
    ...smallPrint(message, DISCORD).map(line => `-# ${line}`),
  ]
    .filter(line => line !== '')
    .join('\n')
}

/** A moment as each reader's own: https://discord.com/developers/docs/reference#message-formatting */
function localTime(time: string): string {
  const seconds = Math.floor(Date.parse(time) / 1000)
  return Number.isNaN(seconds) ? escaped(inUtc(time)) : `<t:${seconds}:f>`
}

const ALL = new Set(['here', 'everyone'])

// A role is written as Discord's own markup has it: its id looks like that of a member.
function mention(id: string): string {
  return ALL.has(id) ? `@${id}` : `<@${id}>`
}

/** Without it any name in a text would call: https://discord.com/developers/docs/resources/message#allowed-mentions-object */
function callable({ mentions = [] }: Message): { readonly allowed_mentions: object } {
  const ids = mentions.filter(id => !ALL.has(id))
  return {
    allowed_mentions: {
      parse: mentions.some(id => ALL.has(id)) ? ['everyone'] : [],
      users: ids.filter(id => !id.startsWith('&')),
      roles: ids.filter(id => id.startsWith('&')).map(id => id.slice(1)),
    },
  }
}

function fitsEmbed({
  embeds: [{ title = '', description }],
}: {
  readonly embeds: readonly [Embed]
}): boolean {
  return title.length <= LONGEST_TITLE && description.length <= LONGEST_DESCRIPTION
}

const COPY_AGAIN =
  'Copy webhookurl again from the settings of the channel; it ends when the webhook is removed.'

// https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
const RULINGS: Readonly<Record<string, Ruling>> = {
  10015: { kind: 'failed', meaning: 'Discord does not know this webhook', hint: COPY_AGAIN },
  50027: { kind: 'failed', meaning: 'the token of the webhook is not valid', hint: COPY_AGAIN },
  50006: MALFORMED,
  50035: MALFORMED,
  50109: MALFORMED,
  10003: {
    kind: 'failed',
    meaning: 'the channel or thread does not exist',
    hint: 'Make a new webhook for a channel that exists, and put it in webhookurl.',
  },
  220001: {
    kind: 'failed',
    meaning: 'the channel is a forum, which takes messages in threads only',
    hint: 'Add ?thread_id= and the ID of a thread to webhookurl, or use a text channel.',
  },
}

function verdict({ status, body }: ChatAnswer): Verdict {
  const answer = fieldsIn(body)
  // With ?wait=true in the address it answers 200 and the message.
  if (status === 204 || (status === 200 && typeof answer?.id === 'string')) return OK
  const code = textOf(answer?.code)
  const said = textOf(answer?.message)
  const afterSeconds = numberOf(answer?.retry_after)
  if (status === 429 && afterSeconds > 0) return applyRuling({ ...TOO_MANY, afterSeconds }, 'HTTP 429', said)
  const ruling = rulingIn(RULINGS, code)
  return ruling ? applyRuling(ruling, `code ${code}`, said) : verdictOfStatus(status)
}

const TOO_MANY: Ruling = {
  kind: 'retry',
  meaning: 'too many messages',
  hint: 'A webhook takes 30 messages a minute: use several, or narrow them with keyword.',
}
