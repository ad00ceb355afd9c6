/** The end of a wait by a signal. To be disposed of when the wait is over: a signal may live on, and has listeners. */
export class Abortion implements Disposable {
  /** Rejects with the reason of the signal when that aborts, also where it has by now; nobody has to hear it. */
  readonly happened: Promise<never>
  readonly #signal: AbortSignal | undefined
  readonly #reject: () => void

  constructor(signal: AbortSignal | undefined) {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    this.happened = promise
    this.#signal = signal
    this.#reject = () => reject(signal?.reason)
    signal?.addEventListener('abort', this.#reject)
    if (signal?.aborted) this.#reject()
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener('abort', this.#reject)
  }
}
