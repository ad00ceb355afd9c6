import { clip } from '../untrusted/plain-text.ts'
import { withFittingItems } from './fitting-items.ts'
import type { Message } from './message.ts'
import type { Span } from './template.ts'

/** Longer than what any chat takes in one message. */
const LONGEST_TEXT = 20_000
/** Title and sentences keep this much however little room there is. */
const SHORTEST_SENTENCE = 40

/**
 * The fullest body of `message` that `fits`. Texts are shortened as far as it needs, never the link: a
 * presigned URL that lacks its end opens nothing. One that does not fit even so is left out, and that is
 * said. Of items, the texts come before the links.
 */
export function fitting<Body>(
  message: Message,
  render: (message: Message) => Body,
  fits: (body: Body) => boolean,
): Body {
  const listed = withFittingItems(message, shown => fits(render(shown)))
  const without = withoutLink(listed)
  return fullest(listed, render, fits) ?? fullest(without, render, fits) ?? render(shortened(without, 1))
}

// The shorter the texts, the smaller the body: so half the range is ruled out at each step.
function fullest<Body>(
  message: Message,
  render: (message: Message) => Body,
  fits: (body: Body) => boolean,
): Body | null {
  let best: Body | null = null
  for (let low = 1, high = LONGEST_TEXT, length = high; low <= high; length = (low + high) >> 1) {
    const body = render(shortened(message, length))
    if (fits(body)) {
      best = body
      low = length + 1
    } else {
      high = length - 1
    }
  }
  return best
}

/**
 * `message` with no text longer than `length` characters. Commands stay whole or go: half of one is
 * dangerous.
 */
function shortened(message: Message, length: number): Message {
  const sentence = Math.max(length, SHORTEST_SENTENCE)
  return {
    ...message,
    title: clip(message.title, sentence),
    lines: message.lines.map(line => clip(line, sentence)),
    backtrace: message.backtrace.map(line => clip(line, sentence)),
    ...(message.items && {
      items: message.items.map(item => ({ ...item, text: clip(item.text, sentence) })),
    }),
    facts: message.facts.map(({ label, value }) => ({ label, value: clip(value, length) })),
    ownText: message.ownText && shortenedSpans(message.ownText, length),
    commands: message.commands.filter(command => command.length <= length),
    footnote: message.footnote && clip(message.footnote, sentence),
  }
}

function shortenedSpans(spans: readonly Span[], length: number): readonly Span[] {
  let left = length
  return spans.flatMap(span => {
    if (span.kind === 'url') return [span]
    const text = clip(span.text, left)
    left = Math.max(left - Array.from(span.text).length, 0)
    return text === '' ? [] : [{ ...span, text }]
  })
}

const LINK_LEFT_OUT = '(the download link is too long for this chat)'

function withoutLink(message: Message): Message {
  const { link, lines, ownText } = message
  return {
    ...message,
    link: null,
    lines: link === null ? lines : [...lines, LINK_LEFT_OUT],
    ownText: ownText === null ? null : ownText.map(withoutUrl),
  }
}

function withoutUrl(span: Span): Span {
  return span.kind === 'url' ? { kind: 'value', text: LINK_LEFT_OUT } : span
}
