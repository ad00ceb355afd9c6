import type { CodeRange } from './code-ranges.ts'
import type { Effort } from './effort.ts'

/** Code of a unit or a function, and where the entry for that is in .debug_info. */
export interface EntryCode extends CodeRange {
  readonly at: number
}

/** To read it, and to sort it in. */
const STEPS_A_RANGE = 20

/** Which of them has the code at an address. */
export class CodeIndex {
  readonly #code: EntryCode[] = []

  /** What begins at 0 was left out by the linker. */
  constructor(code: Iterable<EntryCode>, effort: Effort) {
    for (const one of code) {
      if (!effort.spend(STEPS_A_RANGE)) break
      if (one.start !== 0n && one.start < one.end) this.#code.push(one)
    }
    this.#code.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
  }

  entries(): ReadonlySet<number> {
    return new Set(this.#code.map(({ at }) => at))
  }

  entryAt(address: bigint): number | null {
    let [low, high] = [0, this.#code.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#code[middle]!.start <= address) low = middle + 1
      else high = middle
    }
    const last = this.#code[low - 1]
    return last !== undefined && address < last.end ? last.at : null
  }
}
