import { Abortion } from '../../time/abortion.ts'
import { backBefore } from '../../time/left-behind.ts'

/**
 * How long all reads of a tenant's files may take together, while others wait for the slot: a file system of the
 * tenant's own making may be slow, or hang.
 */
export class ReadingTime {
  readonly #seconds: number
  readonly #signal: AbortSignal
  #leftMs: number

  /** Ends earlier when `signal` aborts. */
  constructor(seconds: number, signal: AbortSignal) {
    this.#seconds = seconds
    this.#signal = signal
    this.#leftMs = seconds * 1000
  }

  /** As `call` does. Of one that is not back in time nobody hears any more. */
  async of<T>(call: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted()
    // Each that hangs keeps a thread of libuv's pool.
    if (this.#leftMs <= 0) throw this.#tooLong()
    const late = Promise.withResolvers<never>()
    const stop = () => {
      this.#leftMs = 0
      late.reject(this.#tooLong())
    }
    const timer = setTimeout(stop, this.#leftMs)
    using abortion = new Abortion(this.#signal)
    const begunAt = performance.now()
    try {
      return await backBefore(call(), Promise.race([late.promise, abortion.happened]))
    } finally {
      this.#leftMs -= performance.now() - begunAt
      clearTimeout(timer)
    }
  }

  #tooLong(): Error {
    return new Error(`reading it took longer than ${this.#seconds} s`)
  }
}
