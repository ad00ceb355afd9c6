import { tooManyRequests } from '../status-error.ts'

/** So many go on at once, so many wait, in turn, and more are told to come again. */
export class Gate {
  #free: number
  readonly #mostWaiting: number
  readonly #waiting = new Set<() => void>()

  constructor({ places, mostWaiting }: { readonly places: number; readonly mostWaiting: number }) {
    this.#free = places
    this.#mostWaiting = mostWaiting
  }

  /** Runs `work` when it is its turn. Rejects at once with a 429, or as soon as `signal` aborts while it waits. */
  async through<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    if (this.#waiting.size >= this.#mostWaiting) throw tooManyRequests('too many requests at once', 1)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const gone = () => {
      this.#waiting.delete(resolve)
      reject(signal.reason)
    }
    signal.addEventListener('abort', gone, { once: true })
    this.#waiting.add(resolve)
    await promise.finally(() => signal.removeEventListener('abort', gone))
  }

  /** The place is handed on, so that nobody comes between. */
  #leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
