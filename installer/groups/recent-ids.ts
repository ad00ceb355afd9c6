/** More crashes than come to a node between a handler's word of one and the installer's, which are seconds. */
const MOST_IDS = 2000
const ID = /^[0-9a-f]{12,32}$/

/** Of the last crashes that were counted. */
export class RecentIds {
  readonly #ids: Set<string>

  private constructor(ids: readonly string[]) {
    this.#ids = new Set(ids)
  }

  /** As a file has them; anything else is none. */
  static in(value: unknown): RecentIds {
    const ids = Array.isArray(value) ? value.filter(id => typeof id === 'string' && ID.test(id)) : []
    return new RecentIds(ids.slice(-MOST_IDS))
  }

  get all(): readonly string[] {
    return [...this.#ids]
  }

  /** Whether it is not among them. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    return true
  }

  /** After all that were noted at once, however many. */
  trim(): void {
    const surplus = this.#ids.size - MOST_IDS
    for (const id of surplus > 0 ? [...this.#ids].slice(0, surplus) : []) this.#ids.delete(id)
  }
}
