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

  /** `null`: it failed, or is not back in time, or one before it is not. Never rejects. */
  ask<T>(call: () => Promise<T | null>): Promise<T | null> {
    const asked = this.#last.then(() => (this.#isWaiting ? null : this.#inTime(call())))
    this.#last = asked
    return asked
  }

  #inTime<T>(call: Promise<T | null>): Promise<T | null> {
    this.#isWaiting = true
    const back = call
      .catch(() => null)
      .finally(() => {
        this.#isWaiting = false
      })
    return backWithin(back, this.#longestSeconds)
  }
}
