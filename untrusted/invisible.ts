// What a person cannot see, or what moves the cursor or turns the reading direction: control characters (so
// newlines and ANSI sequences), bidi and zero-width characters, line separators, halves of surrogate pairs.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const INVISIBLE_RUN = new RegExp(`${INVISIBLE.source}+`, 'gu')

/**
 * `text` with `shown`, or what it says of the character, in place of each character that is not to be seen.
 */
export function showInvisible(text: string, shown: string | ((character: string) => string)): string {
  return text.replace(INVISIBLE, character => (typeof shown === 'string' ? shown : shown(character)))
}

/** `text` with one space in place of any number of such characters in a row. */
export function spaceInvisible(text: string): string {
  return text.replace(INVISIBLE_RUN, ' ')
}
