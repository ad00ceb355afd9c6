/** How many each one has of what there are few of. */
export class Tally {
  readonly #counts = new Map<string, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  /** How many have any. */
  get holders(): number {
    return this.#counts.size
  }

  of(holder: string): number {
    return this.#counts.get(holder) ?? 0
  }

  add(holder: string): void {
    this.#counts.set(holder, this.of(holder) + 1)
    this.#total += 1
  }

  /** Of one that has any. */
  remove(holder: string): void {
    const left = this.of(holder) - 1
    if (left > 0) this.#counts.set(holder, left)
    else this.#counts.delete(holder)
    this.#total -= 1
  }
}
