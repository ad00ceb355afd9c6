import { messageOf, OperatorError } from '../../crash/errors.ts'
import type { Bytes } from './bytes.ts'

/**
 * Waits that one failure elsewhere ends at once. Not `Promise.race`: a race with a promise that stays pending
 * keeps something of every wait, and a core of 100 GiB is a million of them.
 */
export class Interruption {
  #reason: { readonly cause: unknown } | null = null
  #stop: ((cause: unknown) => void) | null = null

  /** The first reason counts; later ones are its consequences. */
  interrupt(cause: unknown): void {
    this.#reason ??= { cause }
    this.#stop?.(this.#reason.cause)
  }

  /** As `work`, but rejects with the reason if interrupted before or meanwhile. One wait at a time. */
  async wait<T>(work: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        work.then(resolve, reject)
        this.#stop = reject
        if (this.#reason) reject(this.#reason.cause)
      })
    } finally {
      this.#stop = null
    }
  }

  /**
   * The chunks of `body`. However the reader ends, the body is told to stop; if it is `body` that fails, the
   * error says so.
   */
  async *chunksOf(body: Bytes): AsyncGenerator<Uint8Array, void, void> {
    const source = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]()
    let ended = false
    try {
      for (;;) {
        const next = await this.wait(
          nextOf(source).catch(cause => {
            ended = true
            throw brokeOff(cause)
          }),
        )
        ended = next.done === true
        if (next.done) return
        yield next.value
      }
    } finally {
      if (!ended) stop(source)
    }
  }
}

type Source = AsyncIterator<Uint8Array> | Iterator<Uint8Array>

async function nextOf(source: Source): Promise<IteratorResult<Uint8Array>> {
  return source.next()
}

/** Not waited for: a source that hangs answers its `return` only after the `next` it hangs in. */
function stop(source: Source): void {
  const closing = (async () => source.return?.())()
  closing.catch(() => {
    // The operation has failed already, and says why; that the source complains of it adds nothing.
  })
}

function brokeOff(cause: unknown): OperatorError {
  return new OperatorError(
    `the data to store broke off: ${messageOf(cause)}`,
    cause instanceof OperatorError ? cause.hint : 'Nothing is wrong with the store: see what made the data.',
    cause,
  )
}
