interface Entry<T> {
  readonly value: Promise<T>
  readonly endsAt: number
}

export interface CacheLimits {
  readonly seconds: number
  readonly mostEntries: number
}

/**
 * Answers that are true for some seconds. Who asks for what is just being asked waits for that answer. A failure is
 * not kept. The oldest goes when there are too many.
 */
export class ExpiringCache<T> {
  readonly #limits: CacheLimits
  readonly #now: () => number
  readonly #entries = new Map<string, Entry<T>>()

  constructor(limits: CacheLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key)
    if (known !== undefined && this.#now() < known.endsAt) return known.value
    this.#entries.delete(key)
    const value = ask()
    const entry = { value, endsAt: this.#now() + this.#limits.seconds * 1000 }
    this.#entries.set(key, entry)
    value.catch(() => this.#forget(key, entry))
    this.#shorten()
    return value
  }

  #forget(key: string, entry: Entry<T>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }

  #shorten(): void {
    if (this.#entries.size <= this.#limits.mostEntries) return
    const [oldest = ''] = this.#entries.keys()
    this.#entries.delete(oldest)
  }
}
