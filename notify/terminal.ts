import { AS_IT_IS, itemText, ownTextOf, smallPrint, stackOf, standsAlone } from './layout.ts'
import { type Message, messageFor, type Wording } from './message.ts'
import type { Notification } from './notification.ts'

const OUR_WORDS: Wording = { messageTemplate: null, messageLabels: {} }

// A terminal knows no markup, and what it obeys was made visible when the message was made.
/** The message of `notification` as a person would read it in a chat, for a terminal; ends with a newline. */
export function renderForTerminal(notification: Notification, wording: Wording = OUR_WORDS): string {
  const message = messageFor(notification, wording)
  const body = paragraphsOf(message)
    .filter(paragraph => paragraph.length > 0)
    .map(paragraph => paragraph.join('\n'))
    .join('\n\n')
  return `${body.split('\n').map(barred).join('\n')}\n`
}

function paragraphsOf(message: Message): string[][] {
  const { title, reason, lines, items = [], facts, links = [], link, commands } = message
  const own = ownTextOf(message, AS_IT_IS)
  const ownLines = own === '' ? [] : [own]
  if (standsAlone(message)) return [ownLines]
  const width = Math.max(0, ...facts.map(({ label }) => columnsOf(label)))
  return [
    [title],
    [...reason],
    [...stackOf(message)],
    [...lines],
    items.map(item =>
      itemText(
        item,
        text => text,
        ({ label, url }) => `${label}: ${url}`,
      ),
    ),
    facts.map(({ label, value }) => `${label}${' '.repeat(width - columnsOf(label))}  ${value}`),
    ownLines,
    links.map(({ label, url }) => `${label}: ${url}`),
    link === null ? [] : [`[ ${link.label} ]`, link.url],
    commands.map(command => `$ ${command}`),
    smallPrint(message, AS_IT_IS),
  ]
}

/** Of a label: a terminal shows a Chinese character twice as wide. */
function columnsOf(label: string): number {
  return label.length + (label.match(/\p{Script=Han}/gu)?.length ?? 0)
}

function barred(line: string): string {
  return `┃ ${line}`.trimEnd()
}
