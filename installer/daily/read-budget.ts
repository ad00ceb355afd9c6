/** At list prices eight cents. */
const MOST_READS = 200_000

/** How many small objects are read for one file: who may crash chooses how many groups there are. */
export class ReadBudget {
  #left = MOST_READS

  /** Whether so many more may be read; they count as read then. */
  has(reads: number): boolean {
    if (reads > this.#left) return false
    this.#left -= reads
    return true
  }
}
