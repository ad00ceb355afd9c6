import { DOWNLOAD, type Item, type Link, type Message } from './message.ts'

/** Makes a string from outside harmless where it goes to. Works on each character alone. */
type Escape = (text: string) => string

/** How a chat wants what is not markup to be written. */
export interface Dialect {
  readonly escaped: Escape
  /** A URL, as it stands inside of a link. */
  readonly url: Escape
  /** A whole link, where a bare URL cannot be clicked. */
  readonly link?: Escape
}

/**
 * Whether the operator's own text is all there is to say. Where the core was lost or cut, our title and the
 * reason stand above it, because the text cannot know.
 */
export function standsAlone({ ownText, lines }: Message): boolean {
  return ownText !== null && lines.length === 0
}

/** The operator's own text: their markup as it is, values escaped, and the link so that it can be clicked. */
export function ownTextOf({ ownText }: Message, { escaped, url, link = url }: Dialect): string {
  return (ownText ?? [])
    .map(({ kind, text }, place, spans) => {
      if (kind === 'markup') return text
      if (kind === 'value') return escaped(text)
      return INSIDE_MARKUP.test(spans[place - 1]?.text ?? '') ? url(text) : link(text)
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

/** The whole message without any markup of ours, a line for everything. */
export function plainLayout(message: Message, dialect: Dialect): string {
  const { title, lines, backtrace, items = [], facts, link, commands, footnote } = message
  const { escaped, url, link: linked = url } = dialect
  const labelled = ({ label, url }: Link) => `${label}: ${linked(url)}`
  if (standsAlone(message)) return ownTextOf(message, dialect)
  return [
    escaped(title),
    ...lines.map(escaped),
    ...backtrace.map(escaped),
    ...items.map(item => itemText(item, escaped, labelled)),
    ...facts.map(({ label, value }) => `${label}: ${escaped(value)}`),
    ownTextOf(message, dialect),
    ...(link === null ? [] : [labelled(link)]),
    ...commands.map(escaped),
    escaped(footnote ?? ''),
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
export const MARKDOWN: Dialect = { ...PLAIN, link: url => `[${DOWNLOAD}](${url})` }

function same(text: string): string {
  return text
}
