/** Things that begin at addresses: a process may have 65,530 mappings, and more. */
export class AddressIndex<Thing> {
  readonly #sorted: readonly Thing[]
  readonly #startOf: (thing: Thing) => bigint

  constructor(things: readonly Thing[], startOf: (thing: Thing) => bigint) {
    this.#sorted = things.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1))
    this.#startOf = startOf
  }

  /** The last one that begins at `address` or before. */
  lastFrom(address: bigint): Thing | undefined {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const thing = this.#sorted[middle]
      if (thing !== undefined && this.#startOf(thing) <= address) low = middle + 1
      else high = middle
    }
    return this.#sorted[low - 1]
  }
}
