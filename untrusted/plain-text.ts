import { showInvisible } from './invisible.ts'

/** Longest value that is shown whole: long enough for an image with its digest, short enough for a phone. */
export const LONGEST_VALUE = 300

/**
 * A string from outside, as one line of visible characters: `\x1b` for ESC, `\u{202e}` for a bidi override.
 * Its markup is still in it: every channel escapes that for itself.
 */
export function plain(text: string, maxCharacters: number = LONGEST_VALUE): string {
  return clip(showInvisible(text.slice(0, 4 * maxCharacters), visible), maxCharacters)
}

/** Several lines of it, whole: where they end, and tabs, stay as they are. */
export function plainLines(text: string): string {
  return showInvisible(text, character => ('\n\t'.includes(character) ? character : visible(character)))
}

/**
 * The first `maxCharacters` of `text`; the last of them is `…` when some are missing. Never half of what a reader
 * takes for one: a letter with its accent, a flag, a family of emoji.
 */
export function clip(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  const characters = Array.from(text.slice(0, 2 * maxCharacters + 2))
  if (characters.length <= maxCharacters) return text
  return maxCharacters < 1 ? '' : `${wholeOnes(characters, maxCharacters - 1)}…`
}

/** What a reader takes for one may have any number of marks: of more than these it is cut. */
const LONGEST_CLUSTER = 16

/** The first `count` of `characters`, without the beginning of what goes on behind them. */
function wholeOnes(characters: readonly string[], count: number): string {
  const from = Math.max(0, count - LONGEST_CLUSTER)
  const last = characters.slice(from, count).join('')
  const goingOn = new Intl.Segmenter().segment(last + (characters[count] ?? '')).containing(last.length)
  const end = goingOn === undefined || goingOn.index === 0 ? last.length : goingOn.index
  return characters.slice(0, from).join('') + last.slice(0, end)
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (character === '\n') return '\\n'
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
