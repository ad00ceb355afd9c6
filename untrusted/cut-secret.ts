/** What a text may end with the beginning of. Work grows with the text, whatever either is made of. */
export class CutSecret {
  readonly #value: string
  /** Of each beginning of the value how long its own longest beginning is that it also ends with (Knuth, Morris, Pratt). */
  readonly #borders: Uint16Array

  /** `value`: of 65,535 characters at most. */
  constructor(value: string) {
    this.#value = value
    this.#borders = new Uint16Array(value.length)
    for (let at = 1, length = 0; at < value.length; at += 1) {
      length = this.#grown(length, value.charCodeAt(at))
      this.#borders[at] = length
    }
  }

  /** How many characters at the end of `text` are the beginning of the value, and not all of it. */
  lengthAtEnd(text: string): number {
    let length = 0
    for (let at = Math.max(0, text.length - this.#value.length + 1); at < text.length; at += 1)
      length = this.#grown(length, text.charCodeAt(at))
    return length
  }

  #grown(length: number, code: number): number {
    let kept = length
    while (kept > 0 && this.#value.charCodeAt(kept) !== code) kept = this.#borders[kept - 1] ?? 0
    return this.#value.charCodeAt(kept) === code ? kept + 1 : kept
  }
}
