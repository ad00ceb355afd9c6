/**
 * A signal that aborts with another one, or after a while. To be disposed of when what it limits is over: a limit of an
 * hour keeps neither timer nor listener then.
 */
export class TimeLimit implements Disposable {
  readonly #over = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #outer: AbortSignal
  readonly #end: () => void

  constructor(milliseconds: number, outer: AbortSignal) {
    this.#outer = outer
    this.#end = () => this.#over.abort(outer.reason)
    this.#timer = setTimeout(() => this.#over.abort(new Error('it took too long')), milliseconds)
    outer.addEventListener('abort', this.#end, { once: true })
    if (outer.aborted) this.#end()
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** From now on it is as long again. */
  renew(): void {
    this.#timer.refresh()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#outer.removeEventListener('abort', this.#end)
  }
}
