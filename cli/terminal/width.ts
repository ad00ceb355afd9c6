// East Asian Wide and Fullwidth, and emoji: two columns of a terminal.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
const NO_WIDTH = /\p{Mn}|\p{Me}/u

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** `text` in at most so many columns; the last of them is `…` where some is missing. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let [taken, left] = ['', columns - 1]
  for (const character of text) {
    left -= widthOf(character)
    if (left < 0) break
    taken += character
  }
  return `${taken}…`
}
