/** Since when there are stored crashes, of each namespace. */
export class OldestCrashes {
  readonly #times = new Map<string, number>()

  /** `null`: there is none. */
  note(namespace: string, time: Date | null): void {
    if (time === null) return
    const known = this.#times.get(namespace) ?? Number.POSITIVE_INFINITY
    this.#times.set(namespace, Math.min(known, time.getTime()))
  }

  /** Milliseconds since the epoch; `null`: there is none. */
  of(namespace: string): number | null {
    return this.#times.get(namespace) ?? null
  }
}
