/**
 * A signal that aborts with another one, or after a while. To be disposed of when what it limits is over: a limit of an
 * hour keeps neither timer nor listener then.
 */
export class TimeLimit implements Disposable {
  readonly #over = new AbortController()
  readonly #milliseconds: number
  /** `null`: it is disposed of. */
  #timer: NodeJS.Timeout | null
  readonly #outer: AbortSignal
  readonly #end: () => void

  constructor(milliseconds: number, outer: AbortSignal) {
    this.#milliseconds = milliseconds
    this.#outer = outer
    this.#end = () => this.#over.abort(outer.reason)
    this.#timer = this.#started()
    outer.addEventListener('abort', this.#end, { once: true })
    if (outer.aborted) this.#end()
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** From now on it is as long again. */
  renew(): void {
    if (this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = this.#started()
  }

  #started(): NodeJS.Timeout {
    return setTimeout(() => this.#over.abort(new Error('it took too long')), this.#milliseconds)
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#outer.removeEventListener('abort', this.#end)
  }
}
