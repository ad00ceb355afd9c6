import { backtraceLines } from './backtrace.ts'
import { LANGUAGES } from './language/all.ts'
import type { Language } from './language/language.ts'
import { mentionsOf } from './mention.ts'
import type { Item, Message } from './message.ts'
import type { Link } from './web-link.ts'

/** Makes a string from outside harmless where it goes to. Works on each character alone. */
type Escape = (text: string) => string

/** How a chat wants what is not markup to be written. */
export interface Dialect {
  readonly escaped: Escape
  /** A URL, as it stands inside of a link. */
  readonly url: Escape
  /** A whole link, where a bare URL cannot be clicked. */
  readonly link?: (url: string, label: string) => string
  /** A moment, as RFC 3339 in UTC, where the chat can show it as its reader's own time. */
  readonly time?: (time: string) => string
}

/**
 * Whether the operator's own text is all there is to say. Where the core was lost or cut, our title and the
 * reason stand above it, because the text cannot know.
 */
export function standsAlone({ ownText, lines }: Message): boolean {
  return ownText !== null && lines.length === 0
}

/** The operator's own text: their markup as it is, values escaped, and the link so that it can be clicked. */
export function ownTextOf(message: Message, { escaped, url, link = url }: Dialect): string {
  const { ownText } = message
  const { download } = languageOf(message)
  return (ownText ?? [])
    .map(({ kind, text }, place, spans) => {
      if (kind === 'markup') return text
      if (kind === 'value') return escaped(text)
      return INSIDE_MARKUP.test(spans[place - 1]?.text ?? '') ? url(text) : link(text, download)
    })
    .join('')
    .trim()
}

// The template reads `[Get it]({corefile.url})`, `<{corefile.url}|Get it>` or the like: it is a link already.
const INSIDE_MARKUP = /[(<`"'=]$/

/** An item with its links behind it, or where its core is; `linkOf` makes a link in the chat's own markup. */
export function itemText(
  { text, links, place }: Item,
  escaped: Escape,
  linkOf: (link: Link) => string,
): string {
  const behind = links.length > 0 ? links.map(linkOf).join(' · ') : escaped(place ?? '')
  return [escaped(text), behind].filter(part => part !== '').join(' → ')
}

/** A link as Markdown has it. */
export function markdownLink({ label, url }: Link): string {
  return `[${label}](${url})`
}

/** The operator's links on one line; `linkOf` makes a link in the chat's own markup. Empty: there are none. */
export function linkLine({ links = [] }: Message, linkOf: (link: Link) => string): string {
  return links.map(linkOf).join(' · ')
}

export function languageOf({ language }: Message): Language {
  return LANGUAGES[language]
}

/** The frames of a message, a line each. */
export function stackOf(message: Message): readonly string[] {
  return backtraceLines(message.backtrace, languageOf(message))
}

/** The last words of a message under their heading, a line each; empty: there are none. */
export function logOf({ log }: Message): readonly string[] {
  return log === undefined ? [] : [log.heading, ...log.lines]
}

/** A label and its value on one line; `label` is ours. */
export function factText({ language }: Message, label: string, value: string): string {
  return `${label}${LANGUAGES[language].colon}${value}`
}

/** What stands last and small: the core's size and the time, where the core is, and by whom this was sent. */
export function smallPrint(
  { core, time, place, footnote }: Message,
  { escaped, ...dialect }: Dialect,
): string[] {
  const shownTime = dialect.time ?? (moment => escaped(inUtc(moment)))
  const first = [...(core === null ? [] : [escaped(core)]), ...(time === null ? [] : [shownTime(time)])]
  return [first.join(' · '), escaped(place ?? ''), escaped(footnote ?? '')].filter(line => line !== '')
}

/** `2026-11-21 04:21:17 UTC`; what is no time, as it is. */
export function inUtc(time: string): string {
  const [, date, seconds] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(time) ?? []
  return date === undefined || seconds === undefined ? time : `${date} ${seconds} UTC`
}

/** {@link plainLayout}, and a line of those whom the message calls, which `mark` makes mentions of. */
export function plainCall(message: Message, dialect: Dialect, mark: (id: string) => string): string {
  return [plainLayout(message, dialect), mentionsOf(message, mark)].filter(Boolean).join('\n')
}

/** The whole message without any markup of ours, a line for everything. */
export function plainLayout(message: Message, dialect: Dialect): string {
  const { title, reason, lines, items = [], facts, links = [], link, commands } = message
  const { escaped, url, link: linked = url } = dialect
  const labelled = ({ label, url }: Link) => factText(message, label, linked(url, label))
  if (standsAlone(message)) return ownTextOf(message, dialect)
  return [
    escaped(title),
    ...reason.map(escaped),
    ...stackOf(message).map(escaped),
    ...logOf(message).map(escaped),
    ...lines.map(escaped),
    ...items.map(item => itemText(item, escaped, labelled)),
    ...facts.map(({ label, value }) => factText(message, label, escaped(value))),
    ownTextOf(message, dialect),
    ...links.map(labelled),
    ...(link === null ? [] : [labelled(link)]),
    ...commands.map(escaped),
    ...smallPrint(message, dialect),
  ]
    .filter(line => line !== '')
    .join('\n')
}

/** An {@link Escape} that replaces the characters of `table`, and no others. */
export function escapeBy(table: Readonly<Record<string, string>>): Escape {
  return text => Array.from(text, character => table[character] ?? character).join('')
}

const lookAlike = escapeBy({
  '<': '＜',
  '>': '＞',
  '[': '［',
  ']': '］',
  '`': '｀',
  '*': '＊',
})

/**
 * For text without markup. Some chats look for mentions even there, and show entities as they are, so
 * full-width twins stand for the characters that make a link, a mention, code or bold.
 */
export const PLAIN: Dialect = { escaped: lookAlike, url: same }

/** For WeCom and DingTalk, whose markdown knows no escape: the same twins. A reader sees nearly the same. */
export const MARKDOWN: Dialect = { ...PLAIN, link: (url, label) => markdownLink({ label, url }) }

/** Where nothing is markup. */
export const AS_IT_IS: Dialect = { escaped: same, url: same }

/** A block of code as Markdown has it: nothing in it is markup, but for what would end it. */
export function codeBlock(lines: readonly string[], escaped: Escape = same): string {
  if (lines.length === 0) return ''
  return `\`\`\`\n${lines.map(line => escaped(line).replaceAll('`', '｀')).join('\n')}\n\`\`\``
}

function same(text: string): string {
  return text
}
