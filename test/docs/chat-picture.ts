import type { ChannelKind } from '../../config/chats.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import type { Message } from '../../notify/message.ts'

/** Lines between two rules. */
type Part = readonly string[]

/** What a person sees of `message` in this chat, drawn of the very body that is posted there. */
export function chatPicture(kind: ChannelKind, message: Message): string {
  return framed(partsOf(kind, message))
}

/** The same without a frame, which takes more bytes than all that is in it. */
export function chatText(kind: ChannelKind, message: Message): string {
  const parts = partsOf(kind, message).map(lines => lines.join('\n').trim())
  return `${parts.join('\n\n')}\n`
}

function partsOf(kind: ChannelKind, message: Message): readonly Part[] {
  return PAINTERS[kind](JSON.parse(JSON.stringify(CHANNELS[kind].render(message))))
}

// biome-ignore lint/suspicious/noExplicitAny: what a chat is sent; a wrong guess throws, or shows in the picture
type Body = any

const PAINTERS: Readonly<Record<ChannelKind, (body: Body) => readonly Part[]>> = {
  feishu: paintFeishu,
  wechat: ({ markdown }) => [paintMarkdown(markdown.content)],
  slack: ({ blocks }) => [blocks.flatMap(paintSlack)],
  dingtalk: ({ actionCard: card, markdown }) =>
    card === undefined
      ? [paintMarkdown(markdown.text)]
      : [paintMarkdown(card.text), [button(card.singleTitle)]],
  teams: paintTeams,
  telegram: ({ text }) => [paintMarkdown(withoutTags(text))],
  discord: ({ content, embeds: [{ title, description }] }) => [
    [...(content === undefined ? [] : [content]), read(unescaped(title ?? ''))],
    read(unescaped(description)).split('\n'),
  ],
}

function paintTeams({ attachments: [{ content: card }] }: Body): readonly Part[] {
  const lines = card.body.map(({ text, inlines }: Body) =>
    inlines === undefined ? read(text) : runsOf(inlines),
  )
  const buttons = (card.actions ?? []).map(({ title }: Body) => button(title))
  return buttons.length === 0 ? [lines] : [lines, buttons]
}

function runsOf(inlines: readonly Body[]): string {
  return inlines.map(({ text, selectAction }) => (selectAction === undefined ? text : `${text} ↗`)).join('')
}

/** Telegram's HTML, without the word joiners that nobody sees. */
function withoutTags(html: string): string {
  return html
    .replace(/<a href="[^"]*">([^<]*)<\/a>/g, '$1 ↗')
    .replace(/<\/?\w+>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('\u2060', '')
}

/** Discord's escapes, its blocks of code, its small print, and its times: each reader sees their own. */
function unescaped(markdown: string): string {
  return markdown
    .replace(/^```$\n?/gm, '')
    .replace(/^-# /gm, '')
    .replace(/<t:(\d+):f>/g, (_, seconds) =>
      new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    )
    .replace(/\\(.)/g, '$1')
}

function paintFeishu({ card }: Body): readonly Part[] {
  const parts: string[][] = [[]]
  for (const element of card.elements) {
    if (element.tag === 'hr') parts.push([])
    else parts.at(-1)?.push(...paintElement(element))
  }
  return [[`${card.header.title.content}   (${card.header.template})`], ...parts]
}

function paintElement({ tag, text, fields, actions, elements }: Body): readonly string[] {
  if (tag === 'action') return actions.map((action: Body) => button(action.text.content))
  if (tag === 'note') return elements.map(contentOf)
  return fields === undefined ? [contentOf(text)] : pairs(fields).flatMap(besides)
}

/** Two that are short stand beside each other. */
function pairs(fields: readonly Body[]): Body[][] {
  const rows: Body[][] = []
  for (const field of fields) {
    const last = rows.at(-1)
    if (field.is_short && last?.length === 1 && last[0].is_short) last.push(field)
    else rows.push([field])
  }
  return rows.map(row => row.map(({ text }) => contentOf(text)))
}

function paintSlack({ type, text, fields, elements }: Body): readonly string[] {
  if (type === 'context') return ['', ...elements.map(contentOf)]
  if (fields === undefined) return [contentOf(text), ...(type === 'header' ? [''] : [])]
  const texts: string[] = fields.map(contentOf)
  return texts.flatMap((_, at) => (at % 2 === 0 ? besides(texts.slice(at, at + 2)) : []))
}

const COLUMN = 44

/** A label above its value, and the same to the right of it. */
function besides(cells: readonly string[]): readonly string[] {
  const [left = [], right = []] = cells.map(linesOf)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    `${(left[at] ?? '').padEnd(COLUMN)} ${right[at] ?? ''}`.trimEnd(),
  )
}

function linesOf(cell: string): readonly string[] {
  return cell.split('\n').flatMap(line => line.match(new RegExp(`.{1,${COLUMN}}`, 'gu')) ?? [''])
}

function paintMarkdown(markdown: string): Part {
  return read(markdown).split('\n')
}

function contentOf(element: Body): string {
  return read(element.content ?? element.text)
}

/** Markup as its meaning, where letters can have it. */
function read(markup: string): string {
  return (
    markup
      .replace(/^```\n|\n```$/g, '')
      .replace(/<font color="(\w+)">(.*?)<\/font>/g, '$2')
      .replace(/^### /gm, '')
      .replace(/^>/gm, '│ ')
      .replace(/^- /gm, '• ')
      .replace(/\*\*(.*?)\*\*/g, '$1')
      .replace(/^\*(.*?)\*$/gm, '$1')
      .replace(/\[([^\]]*)\]\(http[^)]*\)/g, '$1 ↗')
      .replace(/<http[^|>]*\|([^>]*)>/g, '$1 ↗')
      // Each reader sees it in their own time zone.
      .replace(/<!date[^|>]*\|([^>]*)>/g, '$1')
      .replace(/`(.*?)`/g, '$1')
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  )
}

function button(label: string): string {
  return `[ ${label} ]`
}

function framed(parts: readonly Part[]): string {
  const lines = parts.map(part => part.flatMap(text => text.split('\n')))
  const width = Math.max(...lines.flat().map(columns))
  const rule = (left: string, right: string) => `${left}${'─'.repeat(width + 2)}${right}`
  const rows = lines.map(part =>
    part.map(line => `│ ${line}${' '.repeat(width - columns(line))} │`).join('\n'),
  )
  return `${[rule('┌', '┐'), rows.join(`\n${rule('├', '┤')}\n`), rule('└', '┘')].join('\n')}\n`
}

/** Of a font with one width: Chinese and emoji take two. */
function columns(text: string): number {
  return [...text.replaceAll('\ufe0f', '')]
    .map(character =>
      /[\p{Script=Han}\p{Emoji_Presentation}\u3000-\u303f\uff00-\uff60🏷🖥]/u.test(character) ? 2 : 1,
    )
    .reduce<number>((sum, one) => sum + one, 0)
}
