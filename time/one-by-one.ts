import { backWithin } from './left-behind.ts'

/**
 * Calls that may hang, one after the other, and none behind one that does: each that hangs keeps a thread of
 * libuv's pool, which has few, and all else that reads and writes waits for those.
 */
export class OneByOne {
  readonly #longestSeconds: number
  #last: Promise<unknown> = Promise.resolve()
  #isWaiting = false

  constructor(longestSeconds: number) {
    this.#longestSeconds = longestSeconds
  }

  /** `null`: it is not back in time, or one before it is not. Rejects as the call does. */
  ask<T>(call: () => Promise<T>): Promise<T | null> {
    const asked = this.#last.then(() => (this.#isWaiting ? null : this.#inTime(call())))
    this.#last = asked.catch(() => undefined)
    return asked
  }

  #inTime<T>(call: Promise<T>): Promise<T | null> {
    this.#isWaiting = true
    const back = call.finally(() => {
      this.#isWaiting = false
    })
    return backWithin(back, this.#longestSeconds)
  }
}
