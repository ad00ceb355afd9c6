/** A process is held meanwhile: an answer of a store that is near takes some 30 ms. */
const HELD_MS = 300
/** What is held is memory. */
const LET_GO_MS = 5000

/** How long a question may be out. To be disposed of when it is answered. */
export class QuestionTime implements Disposable {
  readonly #ending = new AbortController()
  readonly #over = Promise.withResolvers<never>()
  #timer: NodeJS.Timeout

  constructor(isHeld: () => boolean) {
    // Nobody may be waiting for it.
    this.#over.promise.catch(() => undefined)
    this.#timer = setTimeout(() => {
      if (isHeld()) return this.#end(HELD_MS)
      this.#timer = setTimeout(() => this.#end(LET_GO_MS), LET_GO_MS - HELD_MS)
    }, HELD_MS)
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** Rejects when it is over. */
  get over(): Promise<never> {
    return this.#over.promise
  }

  #end(milliseconds: number): void {
    const why = new Error(`the store did not answer within ${milliseconds} ms`)
    this.#ending.abort(why)
    this.#over.reject(why)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
