/** What waits, of each owner in the order in which it came. Owners take turns, however much one has. */
export class FairQueue<T> {
  /** The owner whose turn is next is first. */
  readonly #queues = new Map<string, Set<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get owners(): number {
    return this.#queues.size
  }

  of(owner: string): number {
    return this.#queues.get(owner)?.size ?? 0
  }

  add(owner: string, item: T): void {
    const own = this.#queues.get(owner) ?? new Set()
    this.#queues.set(owner, own.add(item))
    this.#size += 1
  }

  /** Nothing happens where it is not there. */
  remove(owner: string, item: T): void {
    const own = this.#queues.get(owner)
    if (own?.delete(item) !== true) return
    this.#size -= 1
    if (own.size === 0) this.#queues.delete(owner)
  }

  /** Takes the first of the next owner that `isReady`; `null`: there is none. */
  take(
    isReady: (owner: string) => boolean = () => true,
  ): { readonly owner: string; readonly item: T } | null {
    for (const [owner, own] of this.#queues) {
      if (!isReady(owner)) continue
      for (const item of own) {
        this.remove(owner, item)
        this.#putLast(owner)
        return { owner, item }
      }
    }
    return null
  }

  #putLast(owner: string): void {
    const own = this.#queues.get(owner)
    if (own === undefined) return
    this.#queues.delete(owner)
    this.#queues.set(owner, own)
  }

  /** The oldest of the owner that has most. */
  crowding(): T | undefined {
    let most: Set<T> | undefined
    for (const own of this.#queues.values()) if (own.size > (most?.size ?? 0)) most = own
    return most?.values().next().value
  }
}
