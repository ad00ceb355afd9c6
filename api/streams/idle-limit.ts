/** Aborts when a client that is waited for takes nothing for so long. */
export class IdleLimit implements Disposable {
  readonly #stalled = new AbortController()
  readonly #seconds: number
  #timer: NodeJS.Timeout | undefined

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  get signal(): AbortSignal {
    return this.#stalled.signal
  }

  /** The client has something to take. */
  begin(): void {
    this.end()
    const stall = () => this.#stalled.abort(new StalledError(this.#seconds))
    this.#timer = setTimeout(stall, this.#seconds * 1000)
  }

  /** It took it. */
  end(): void {
    clearTimeout(this.#timer)
  }

  [Symbol.dispose](): void {
    this.end()
  }
}

export class StalledError extends Error {
  override readonly name = 'StalledError'

  constructor(seconds: number) {
    super(`the client took nothing for ${seconds} s`)
  }
}
