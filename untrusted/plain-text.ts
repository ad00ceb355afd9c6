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

/**
 * The first `maxCharacters` of `text`; the last of them is `…` when some are missing. Never half a character.
 */
export function clip(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  const characters = Array.from(text.slice(0, 2 * maxCharacters + 2))
  if (characters.length <= maxCharacters) return text
  return maxCharacters < 1 ? '' : `${characters.slice(0, maxCharacters - 1).join('')}…`
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (character === '\n') return '\\n'
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
