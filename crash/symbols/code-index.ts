import type { CodeRange } from './code-ranges.ts'

/** Code of one unit, and where that begins in .debug_info. */
export interface UnitCode extends CodeRange {
  readonly unitAt: number
}

const MOST_RANGES = 200_000

/** Which unit has the code at an address. */
export class CodeIndex {
  readonly #code: UnitCode[] = []

  /** What begins at 0 was left out by the linker. */
  constructor(code: Iterable<UnitCode>) {
    let count = 0
    for (const one of code) {
      if (one.start !== 0n && one.start < one.end) this.#code.push(one)
      count += 1
      if (count === MOST_RANGES) break
    }
    this.#code.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
  }

  units(): ReadonlySet<number> {
    return new Set(this.#code.map(({ unitAt }) => unitAt))
  }

  unitAt(address: bigint): number | null {
    let [low, high] = [0, this.#code.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#code[middle]!.start <= address) low = middle + 1
      else high = middle
    }
    const last = this.#code[low - 1]
    return last !== undefined && address < last.end ? last.unitAt : null
  }
}
