/** Aborts a while after `ending`, for what should not be cut off in the middle, and must end all the same. */
export class Grace implements Disposable {
  readonly #late = new AbortController()
  readonly #ending: AbortSignal
  readonly #begin: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(ending: AbortSignal, milliseconds: number) {
    this.#ending = ending
    this.#begin = () => {
      this.#timer = setTimeout(() => this.#late.abort(ending.reason), milliseconds)
    }
    if (ending.aborted) this.#begin()
    else ending.addEventListener('abort', this.#begin, { once: true })
  }

  get signal(): AbortSignal {
    return this.#late.signal
  }

  [Symbol.dispose](): void {
    this.#ending.removeEventListener('abort', this.#begin)
    clearTimeout(this.#timer)
  }
}
