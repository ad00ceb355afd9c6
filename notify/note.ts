import { plain } from '../untrusted/plain-text.ts'
import type { LanguageName } from './language/all.ts'
import { type Item, type Message, NOTHING } from './message.ts'
import type { Delivery } from './notification.ts'

/** What people should know of CoreDog itself. Lines from outside may hold anything. */
export interface Note {
  readonly tone: Message['tone']
  readonly title: string
  readonly lines: readonly string[]
  readonly items?: readonly Item[]
  readonly footnote?: string
  /** Whether the people whom a channel names are called. */
  readonly isCalling?: boolean
}

/** Tells people what is no crash. Never rejects. */
export interface Speaker {
  /** Tells every channel in its language, whatever its `keyword`: that is for paths of cores. */
  say(noteIn: (language: LanguageName) => Note): Promise<readonly Delivery[]>
}

/** The message of a note: a title and a line for everything. */
export function messageOfNote(
  { tone, title, lines, items, footnote }: Note,
  language: LanguageName = 'en',
): Message {
  return {
    ...NOTHING,
    language,
    tone,
    title: plain(title, 140),
    lines: lines.map(line => plain(line, 600)),
    ...(items && { items: items.map(item => ({ ...item, text: plain(item.text, 600) })) }),
    footnote: footnote ?? null,
  }
}
