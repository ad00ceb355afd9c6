import { clip } from '../untrusted/plain-text.ts'
import { shortBacktrace } from './backtrace.ts'
import type { Message } from './message.ts'
import { countFrames } from './shown-frame.ts'
import type { Link } from './web-link.ts'

/** A message as it is, or with one thing less. */
type Loss = (message: Message) => Message

const FRAMES_OF_A_SHORT_STACK = 3
const FEW_LOG_LINES = 5
const LONGEST_SHORT_VALUE = 60
const LONGEST_SHORT_LINE = 160
const LONGEST_SHORT_FOOTNOTE = 40

/**
 * What a message loses where a chat has no room for it, in this order. Never the title, the reason, the
 * program's own first frame, the first of the other sentences, which says why a core is lost, link and
 * command; nor the word CoreDog, without which some bots take no message.
 */
export function lossesOf({ log, facts, links = [], lines }: Message): readonly Loss[] {
  return [
    ...links.filter(({ isSpare }) => isSpare).map(() => withoutLastSpareLink),
    ...(log?.lines.slice(FEW_LOG_LINES).map(() => withoutFirstLogLine) ?? []),
    message => withFrames(message, FRAMES_OF_A_SHORT_STACK),
    withShortFacts,
    withShortLog,
    withoutLog,
    ...facts.map(() => withoutLastFact),
    withoutSparePlace,
    ...links.map(() => withoutLastLink),
    withShortLines,
    withShortFootnote,
    withoutCoreAndTime,
    ...lines.slice(1).map(() => withoutLastLine),
    withOwnFrameAlone,
  ]
}

function withFrames(message: Message, count: number): Message {
  const { backtrace } = message
  const least = backtrace.frames.findIndex(({ own }) => own) + 1
  return { ...message, backtrace: shortBacktrace(backtrace, Math.max(count, least)) }
}

/** The last one says most. */
function withoutFirstLogLine(message: Message): Message {
  const { log } = message
  return log === undefined ? message : { ...message, log: { ...log, lines: log.lines.slice(1) } }
}

function withShortLog(message: Message): Message {
  const { log } = message
  if (log === undefined) return message
  return { ...message, log: { ...log, lines: log.lines.map(line => clip(line, LONGEST_SHORT_LINE)) } }
}

function withoutLog({ log: _, ...message }: Message): Message {
  return message
}

function withShortFacts(message: Message): Message {
  const short = message.facts.map(({ label, value }) => ({ label, value: clip(value, LONGEST_SHORT_VALUE) }))
  return { ...message, facts: short }
}

/** The pod is the first one, and the last to go. */
function withoutLastFact(message: Message): Message {
  return { ...message, facts: message.facts.slice(0, -1) }
}

/** With a link, nobody needs to know where the core is. */
function withoutSparePlace(message: Message): Message {
  return message.link === null ? message : { ...message, place: null }
}

function withoutLastSpareLink(message: Message): Message {
  const spare = message.links?.findLast(({ isSpare }) => isSpare)
  return spare === undefined ? message : withoutLink(message, spare)
}

function withoutLastLink(message: Message): Message {
  const last = message.links?.at(-1)
  return last === undefined ? message : withoutLink(message, last)
}

/** Commands open all of several files, or none of them. */
function withoutLink(message: Message, lost: Link): Message {
  const { links = [], commands, commandsAlone = commands } = message
  if (lost.isOpened !== true) return { ...message, links: links.filter(link => link !== lost) }
  return { ...message, links: links.filter(({ isOpened }) => isOpened !== true), commands: commandsAlone }
}

function withShortLines(message: Message): Message {
  return { ...message, lines: message.lines.map(line => clip(line, LONGEST_SHORT_LINE)) }
}

function withShortFootnote(message: Message): Message {
  const { footnote } = message
  return { ...message, footnote: footnote === null ? null : clip(footnote, LONGEST_SHORT_FOOTNOTE) }
}

function withoutCoreAndTime(message: Message): Message {
  return { ...message, core: null, time: null }
}

function withoutLastLine(message: Message): Message {
  return { ...message, lines: message.lines.slice(0, -1) }
}

function withOwnFrameAlone(message: Message): Message {
  const { frames, more } = message.backtrace
  const at = Math.max(
    frames.findIndex(({ own }) => own),
    0,
  )
  const shown = frames.slice(at, at + 1)
  return { ...message, backtrace: { frames: shown, more: more + countFrames(frames.slice(at + 1)) } }
}
