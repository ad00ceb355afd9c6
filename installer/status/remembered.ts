interface Known<T> {
  readonly value: T
  readonly at: number
}

/**
 * What is asked for as often as somebody likes, and read once in `forSeconds` at most, and never twice at once.
 * `read` has a deadline of its own.
 */
export class Remembered<T> {
  readonly #read: () => Promise<T>
  readonly #forMilliseconds: number
  readonly #now: () => number
  #known: Known<T> | null = null
  #triedAt = Number.NEGATIVE_INFINITY
  #reading: Promise<T> | null = null

  constructor(read: () => Promise<T>, forSeconds: number, now: () => number = Date.now) {
    this.#read = read
    this.#forMilliseconds = forSeconds * 1000
    this.#now = now
  }

  get isReading(): boolean {
    return this.#reading !== null
  }

  /** The last one, however old; `null`: never read yet. */
  get last(): { readonly value: T; readonly ageSeconds: number } | null {
    if (this.#known === null) return null
    const { value, at } = this.#known
    return { value, ageSeconds: Math.max(0, Math.round((this.#now() - at) / 1000)) }
  }

  /** Begins to read where the last one is too old, and waits for nothing. A failure is the next one's. */
  renew(): void {
    if (!this.#isFresh()) this.#begin().catch(() => undefined)
  }

  /** One that is young enough, by another measure where one is given. Rejects as `read` does. */
  async get(forSeconds?: number): Promise<T> {
    if (this.#known !== null && this.#isFresh(forSeconds)) return this.#known.value
    return await this.#begin()
  }

  #isFresh(forSeconds?: number): boolean {
    const age = this.#now() - this.#triedAt
    // Below 0: the clock was set back.
    return age >= 0 && age < (forSeconds === undefined ? this.#forMilliseconds : forSeconds * 1000)
  }

  #begin(): Promise<T> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #readOnce(): Promise<T> {
    this.#triedAt = this.#now()
    const value = await this.#read()
    this.#known = { value, at: this.#now() }
    return value
  }
}
