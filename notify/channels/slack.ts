import type { ChatAnswer } from '../chat-answer.ts'
import type { Fact } from '../facts.ts'
import { fitting } from '../fitting.ts'
import {
  codeBlock,
  type Dialect,
  escapeBy,
  inUtc,
  itemText,
  linkLine,
  logOf,
  ownTextOf,
  plainCall,
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
import type { Link } from '../web-link.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

// https://docs.slack.dev/reference/block-kit/blocks
const LONGEST_HEADER = 150
const LONGEST_SECTION = 3000
const LONGEST_FIELD = 2000
const FIELDS_IN_A_SECTION = 10
/** Slack cuts a longer text, where it pleases. */
const LONGEST_TEXT = 4000

// These three and no others: https://docs.slack.dev/messaging/formatting-message-text#escaping
const mrkdwn = escapeBy({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })
// In blocks, nothing becomes a link by itself: see mrkdwnText.
const MRKDWN: Dialect = { escaped: mrkdwn, url: mrkdwn, link: url => `<${mrkdwn(url)}>`, time: localTime }

// A header has no colour.
const MARKS = { red: '🔴', orange: '🟠', blue: '🔵' } as const

/**
 * An incoming webhook of Slack. The link is text, not a button: an app without an interactivity URL, as
 * every plain webhook is, shows a warning beside each button (slackapi/node-slack-sdk#869).
 */
export const slack: ChannelOf<'slack'> = {
  kind: 'slack',
  // One a second, with short bursts.
  rate: { burst: 2, perSecond: 0.9 },
  render: message => fitting(message, blocks, fitsBlocks),
  renderPlain: message => fitting(message, text, body => body.text.length <= LONGEST_TEXT),
  verdict,
}

type Block = {
  readonly type: string
  readonly text?: Text
  readonly fields?: readonly Text[]
  readonly elements?: readonly Text[]
}
type Text = { readonly type: string; readonly text: string }

function text(message: Message): ChatBody & { readonly text: string } {
  return { text: plainCall(message, MRKDWN, mention), ...QUIET }
}

// Slack would fetch the link to show what is behind it: a core.
const QUIET = { unfurl_links: false, unfurl_media: false }

function blocks(message: Message): ChatBody & { readonly text: string; readonly blocks: readonly Block[] } {
  // What a notification shows, and a client that cannot show blocks.
  return { text: mrkdwn(message.title), ...QUIET, blocks: blocksOf(message) }
}

function blocksOf(message: Message): Block[] {
  const { tone, title, reason, facts } = message
  const own = ownTextOf(message, MRKDWN)
  const mentions = mentionsOf(message, mention)
  const [heading = '', ...said] = logOf(message)
  if (standsAlone(message)) return [section(own || ' '), ...sections([mentions])]
  return [
    { type: 'header', text: { type: 'plain_text', text: `${MARKS[tone]} ${title}` } },
    ...sections([...reason.map(mrkdwn), codeBlock(stackOf(message), mrkdwn)]),
    ...sections([mrkdwn(heading), codeBlock(said, mrkdwn), ...message.lines.map(mrkdwn)]),
    ...sections((message.items ?? []).map(item => itemText(item, mrkdwn, linkOf))),
    ...inTens(facts).map(ten => ({ type: 'section', fields: ten.map(field) })),
    ...sections([own, linkLine(message, linkOf), ...linkAndCommands(message), mentions]),
    ...contexts(smallPrint(message, MRKDWN).join('\n')),
  ]
}

/**
 * A moment as Slack shows it to each reader in their own time zone; a client that cannot shows it in UTC.
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
function localTime(time: string): string {
  const seconds = Math.floor(Date.parse(time) / 1000)
  const fallback = mrkdwn(inUtc(time))
  return Number.isNaN(seconds) ? fallback : `<!date^${seconds}^{date_num} {time_secs}|${fallback}>`
}

function linkAndCommands({ link, commands }: Message): string[] {
  return [...(link === null ? [] : [linkOf(link)]), ...commands.map(command => `\`${mrkdwn(command)}\``)]
}

function linkOf({ label, url }: Link): string {
  return `<${mrkdwn(url)}|${label}>`
}

const SPECIAL = new Set(['here', 'channel', 'everyone'])

// https://docs.slack.dev/messaging/formatting-message-text#mentioning-users
function mention(id: string): string {
  if (SPECIAL.has(id)) return `<!${id}>`
  return id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`
}

/** A section for each text that is not empty: Slack refuses the empty ones. */
function sections(texts: readonly string[]): Block[] {
  return texts.filter(text => text !== '').map(section)
}

/** Small, and grey. */
function contexts(text: string): Block[] {
  return text === '' ? [] : [{ type: 'context', elements: [mrkdwnText(text)] }]
}

function section(text: string): Block {
  return { type: 'section', text: mrkdwnText(text) }
}

function field({ label, value }: Fact): Text {
  return mrkdwnText(`*${label}*\n${mrkdwn(value)}`)
}

// Verbatim: without it Slack makes links of whatever looks like one, also in a hostile name.
function mrkdwnText(text: string): Text & { readonly verbatim: boolean } {
  return { type: 'mrkdwn', text, verbatim: true }
}

function inTens(facts: readonly Fact[]): Fact[][] {
  const tens = Math.ceil(facts.length / FIELDS_IN_A_SECTION)
  return Array.from({ length: tens }, (_, n) =>
    facts.slice(n * FIELDS_IN_A_SECTION, (n + 1) * FIELDS_IN_A_SECTION),
  )
}

function fitsBlocks({ blocks }: { readonly blocks: readonly Block[] }): boolean {
  return blocks.every(
    ({ type, text, fields = [], elements = [] }) =>
      (text?.text.length ?? 0) <= (type === 'header' ? LONGEST_HEADER : LONGEST_SECTION) &&
      elements.every(({ text }) => text.length <= LONGEST_SECTION) &&
      fields.every(({ text }) => text.length <= LONGEST_FIELD),
  )
}

const COPY_AGAIN =
  'Copy webhookurl again from the settings of the Slack app; it ends when the app is removed.'
const NO_CHANNEL = 'Make a new webhook for a channel that exists, and put it in webhookurl.'

// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
const RULINGS: Readonly<Record<string, Ruling>> = {
  invalid_payload: MALFORMED,
  invalid_blocks: MALFORMED,
  invalid_blocks_format: MALFORMED,
  no_text: MALFORMED,
  user_not_found: MALFORMED,
  invalid_token: { kind: 'failed', meaning: 'Slack does not know this webhook', hint: COPY_AGAIN },
  no_service: { kind: 'failed', meaning: 'the webhook was removed or switched off', hint: COPY_AGAIN },
  no_team: { kind: 'failed', meaning: 'Slack does not know this workspace', hint: COPY_AGAIN },
  channel_not_found: { kind: 'failed', meaning: 'the channel does not exist', hint: NO_CHANNEL },
  channel_is_archived: { kind: 'failed', meaning: 'the channel is archived', hint: NO_CHANNEL },
  action_prohibited: {
    kind: 'failed',
    meaning: 'the workspace forbids it',
    hint: 'Ask an administrator of the Slack workspace to allow the webhook to write to this channel.',
  },
}

function verdict({ status, body }: ChatAnswer): Verdict {
  const said = body.trim()
  if (status === 200 && said === 'ok') return OK
  const ruling = rulingIn(RULINGS, said)
  return ruling ? applyRuling(ruling, `HTTP ${status}`, said) : verdictOfStatus(status)
}
