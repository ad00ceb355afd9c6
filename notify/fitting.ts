import { clip } from '../untrusted/plain-text.ts'
import { withFittingItems } from './fitting-items.ts'
import { LANGUAGES } from './language/all.ts'
import { lossesOf } from './losses.ts'
import type { Message } from './message.ts'
import type { Span } from './template.ts'

/** Longer than what any chat takes in one message. */
const LONGEST_TEXT = 20_000
/** What is left when all else is lost keeps this much however little room there is. */
const SHORTEST_SENTENCE = 40

/**
 * The fullest body of `message` that `fits`. It loses what {@link lossesOf} says, in that order, as far as
 * needed; then what is left is shortened, but for link and command: half of one is of no use, or dangerous. A
 * link that does not fit even so is left out, which is said, and the command after it. Of items, the texts
 * come before the links.
 */
export function fitting<Body>(
  message: Message,
  render: (message: Message) => Body,
  fits: (body: Body) => boolean,
): Body {
  const listed = withFittingItems(message, shown => fits(render(shown)))
  const unlinked = withoutLink(listed)
  // The first command opens what the link leads to.
  const bare = { ...unlinked, commands: listed.commands.slice(1) }
  return (
    fullest(listed, render, fits) ??
    fullest(unlinked, render, fits) ??
    fullest(bare, render, fits) ??
    render(shortened(leastOf({ ...bare, commands: [] }), 1))
  )
}

function fullest<Body>(
  message: Message,
  render: (message: Message) => Body,
  fits: (body: Body) => boolean,
): Body | null {
  let shown = message
  for (const lose of [same, ...lossesOf(message)]) {
    shown = lose(shown)
    const body = render(shown)
    if (fits(body)) return body
  }
  return longest(shown, render, fits)
}

// The shorter the texts, the smaller the body: so half the range is ruled out at each step.
function longest<Body>(
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

function leastOf(message: Message): Message {
  return lossesOf(message).reduce((shown, lose) => lose(shown), message)
}

/** `message` with no text longer than `length` characters. */
function shortened(message: Message, length: number): Message {
  const sentence = Math.max(length, SHORTEST_SENTENCE)
  const { frames, more } = message.backtrace
  return {
    ...message,
    title: clip(message.title, sentence),
    reason: message.reason.map(line => clip(line, sentence)),
    backtrace: { frames: frames.map(frame => ({ ...frame, text: clip(frame.text, sentence) })), more },
    lines: message.lines.map(line => clip(line, sentence)),
    ...(message.log && {
      log: { ...message.log, lines: message.log.lines.map(line => clip(line, sentence)) },
    }),
    ...(message.items && {
      items: message.items.map(item => ({ ...item, text: clip(item.text, sentence) })),
    }),
    ownText: message.ownText && shortenedSpans(message.ownText, length),
    place: message.place && clip(message.place, sentence),
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

function withoutLink(message: Message): Message {
  const { link, lines, ownText } = message
  const { linkLeftOut } = LANGUAGES[message.language]
  return {
    ...message,
    link: null,
    lines: link === null ? lines : [linkLeftOut, ...lines],
    ownText:
      ownText?.map(span => (span.kind === 'url' ? { kind: 'value', text: linkLeftOut } : span)) ?? null,
  }
}

function same(message: Message): Message {
  return message
}
