import { createHmac } from 'node:crypto'
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
  plainCall,
  smallPrint,
  stackOf,
  standsAlone,
} from '../layout.ts'
import { mentionsOf } from '../mention.ts'
import type { Message } from '../message.ts'
import { MALFORMED, type Ruling, rulingIn, verdictByCode } from '../verdict.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

const LONGEST_BODY_BYTES = 20_000
const LONGEST_TEXT = 5000

const { escaped } = MARKDOWN

/**
 * A custom robot of DingTalk: an actionCard, for its button, when there is a link, and nobody is called, for
 * that an actionCard cannot; markdown otherwise. A secret signs the query. DingTalk answers HTTP 200 to what it
 * refuses.
 */
export const dingtalk: ChannelOf<'dingtalk'> = {
  kind: 'dingtalk',
  // 20 a minute; a bot that sends more is locked out for ten.
  rate: { burst: 5, perSecond: 0.24 },
  render: message => fitting(message, message.mentions === undefined ? actionCard : markdown, fits),
  renderPlain: message => fitting(message, text, fits),
  verdict: answer => verdictByCode(answer, { codes: ['errcode'], said: 'errmsg' }, rulingOf),
  sign: ({ url, body }, secret, now) => {
    const signed = new URL(url)
    const timestamp = String(now.getTime())
    signed.searchParams.set('timestamp', timestamp)
    // searchParams percent-encodes it; doing so before would do it twice.
    signed.searchParams.set('sign', dingtalkSign(timestamp, secret))
    return { url: signed.href, body }
  },
}

/** DingTalk's signature, in base64 and not yet percent-encoded. Milliseconds, where Feishu takes seconds. */
export function dingtalkSign(timestampMilliseconds: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestampMilliseconds}\n${secret}`).digest('base64')
}

function fits(body: ChatBody): boolean {
  const json = JSON.stringify(body)
  return Buffer.byteLength(json) <= LONGEST_BODY_BYTES && json.length <= LONGEST_TEXT
}

function text(message: Message): ChatBody {
  return { msgtype: 'text', text: { content: plainCall(message, PLAIN, mention) }, ...calledBy(message) }
}

function markdown(message: Message): ChatBody {
  const { title, link } = message
  const button = link === null ? [] : [markdownLink(link)]
  const parts = [markdownOf(message), ...button, mentionsOf(message, mention)]
  return {
    msgtype: 'markdown',
    markdown: { title: escaped(title), text: parts.filter(Boolean).join('\n\n') },
    ...calledBy(message),
  }
}

/** DingTalk calls whom this names, and whose `@` stands in the text as well. */
function calledBy({ mentions = [] }: Message): { readonly at?: object } {
  if (mentions.length === 0) return {}
  const ids = mentions.filter(id => id !== 'all')
  const [atMobiles, atUserIds] = [ids.filter(isMobile), ids.filter(id => !isMobile(id))]
  return { at: { atMobiles, atUserIds, isAtAll: mentions.includes('all') } }
}

function isMobile(id: string): boolean {
  return /^(?:\+\d{1,3}-\d{4,15}|1\d{10})$/.test(id)
}

function mention(id: string): string {
  return `@${id}`
}

function actionCard(message: Message): ChatBody {
  if (message.link === null) return markdown(message)
  return {
    msgtype: 'actionCard',
    actionCard: {
      title: escaped(message.title),
      text: markdownOf(message),
      singleTitle: message.link.label,
      singleURL: message.link.url,
    },
  }
}

function markdownOf(message: Message): string {
  const { title, reason, lines, items = [], facts, commands } = message
  const own = ownTextOf(message, MARKDOWN)
  const [heading = '', ...said] = logOf(message)
  if (standsAlone(message)) return own
  return [
    `### ${escaped(title)}`,
    ...reason.map(escaped),
    stackOf(message)
      .map(line => `- ${escaped(line)}`)
      .join('\n'),
    escaped(heading),
    said.map(line => `- ${escaped(line)}`).join('\n'),
    ...lines.map(escaped),
    items.map(item => `- ${itemText(item, escaped, markdownLink)}`).join('\n'),
    facts.map(({ label, value }) => `- ${factText(message, `**${label}**`, escaped(value))}`).join('\n'),
    own,
    linkLine(message, markdownLink),
    ...commands.map(command => `\`${escaped(command)}\``),
    ...smallPrint(message, MARKDOWN),
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

const WRONG_TOKEN: Ruling = {
  kind: 'failed',
  meaning: 'DingTalk does not know this robot',
  hint: 'Copy webhookurl again, with its access_token, from the settings of the robot.',
}
// DingTalk then refuses everything for ten minutes, so asking sooner is of no use.
const TOO_MANY: Ruling = {
  kind: 'retry',
  meaning: 'too many messages',
  hint: 'A robot takes 20 messages a minute and is then shut for ten: use several, or narrow them with keyword.',
  afterSeconds: 600,
}
const FORBIDDEN_CONTENT: Ruling = {
  kind: 'failed',
  meaning: 'the content policy of DingTalk refused the message',
  hint: 'Look for words or addresses in messageTemplate that DingTalk does not allow.',
}

const RULINGS: Readonly<Record<string, Ruling>> = {
  300005: WRONG_TOKEN,
  400101: WRONG_TOKEN,
  400102: {
    kind: 'failed',
    meaning: 'the robot is switched off',
    hint: 'Switch the robot on in the settings of the group, or remove the channel.',
  },
  400105: MALFORMED,
  43004: MALFORMED,
  410100: TOO_MANY,
  130101: TOO_MANY,
  660026: TOO_MANY,
  '-1': { kind: 'retry', meaning: 'DingTalk is busy', hint: 'Check the status of DingTalk if it lasts.' },
}

// One code for everything that the security settings refuse; only the words tell which.
const SECURITY = [
  {
    said: /keyword/i,
    meaning: 'the message lacks the keyword that the robot asks for',
    hint: 'Add "CoreDog" to the keywords of the robot or, with a messageTemplate, a word that stands in it.',
  },
  {
    said: /timestamp/i,
    meaning: 'the time in the signature was refused',
    hint: 'Set the clock of the node: it may differ by an hour at most.',
  },
  {
    said: /sign/i,
    meaning: 'the signature was refused',
    hint: 'Compare secret with the settings of the robot: it begins with SEC.',
  },
  {
    said: /\bip\b|whitelist/i,
    meaning: 'the address of the node is not on the IP list of the robot',
    hint: 'Add the address by which the nodes reach the internet to the IP list of the robot.',
  },
  {
    said: /(?:)/,
    meaning: 'the security settings of the robot refused the message',
    hint: 'Compare the security settings of the robot with secret and messageTemplate.',
  },
]

function rulingOf(code: string, said: string): Ruling | undefined {
  const security = code === '310000' ? SECURITY.find(row => row.said.test(said)) : undefined
  if (security !== undefined) return { kind: 'failed', meaning: security.meaning, hint: security.hint }
  return rulingIn(RULINGS, code) ?? (/^4301\d\d$/.test(code) ? FORBIDDEN_CONTENT : undefined)
}
