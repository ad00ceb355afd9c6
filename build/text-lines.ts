/** The lines of a text, as V8 counts them: from 0. */
export class TextLines {
  readonly #starts: readonly number[]

  constructor(text: string) {
    this.#starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  }

  /** Where the character at `offset` is. */
  placeOf(offset: number): { readonly lineNumber: number; readonly columnNumber: number } {
    const behind = this.#starts.findIndex(start => start > offset)
    const lineNumber = (behind === -1 ? this.#starts.length : behind) - 1
    return { lineNumber, columnNumber: offset - (this.#starts[lineNumber] ?? 0) }
  }
}
