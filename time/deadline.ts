/** One limit for several waits. To be disposed of when they are over, or it keeps the process for as long. */
export class Deadline implements Disposable {
  /** Resolves when it has passed. */
  readonly passed: Promise<null>
  readonly #timer: NodeJS.Timeout

  constructor(seconds: number) {
    const { promise, resolve } = Promise.withResolvers<null>()
    this.passed = promise
    this.#timer = setTimeout(() => resolve(null), seconds * 1000)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
