interface Measured {
  readonly bytesPerSecond: number
  readonly at: number
}

const MOST_USERS = 1000
const COUNTS_FOR_MS = 600_000
/** What was shorter says little: it may lie in buffers. */
const LEAST_SECONDS = 5

/** How fast dumps go: as the user's last one did, if it is not long ago, and else as configured. */
export class DumpPace {
  readonly #configured: number
  readonly #now: () => number
  readonly #ofUser = new Map<string, Measured>()

  constructor(bytesPerSecond: number, now: () => number = () => performance.now()) {
    this.#configured = bytesPerSecond
    this.#now = now
  }

  seconds(user: string, bytes: number): number {
    const measured = this.#ofUser.get(user)
    const counts = measured !== undefined && this.#now() - measured.at < COUNTS_FOR_MS
    return bytes / (counts ? measured.bytesPerSecond : this.#configured)
  }

  measured(user: string, bytes: number, seconds: number): void {
    if (seconds < LEAST_SECONDS) return
    this.#ofUser.delete(user)
    this.#ofUser.set(user, { bytesPerSecond: Math.max(1, bytes / seconds), at: this.#now() })
    const [oldest] = this.#ofUser.keys()
    if (this.#ofUser.size > MOST_USERS && oldest !== undefined) this.#ofUser.delete(oldest)
  }
}
