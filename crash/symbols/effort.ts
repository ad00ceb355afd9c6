/**
 * How much may be done to find names in files that a tenant has made. It is counted, and not timed: the same crash
 * has the same names on each node, however busy. A step is what takes a tenth of a microsecond, about.
 */
export class Effort {
  #left: number
  readonly #whole: Effort | null

  constructor(steps: number, whole: Effort | null = null) {
    this.#left = steps
    this.#whole = whole
  }

  /** At most `steps` of this one. */
  part(steps: number): Effort {
    return new Effort(steps, this)
  }

  /** Whether `steps` more may be done; what may not be done costs nothing. */
  spend(steps: number): boolean {
    const isThere = steps <= this.#left && (this.#whole?.spend(steps) ?? true)
    if (isThere) this.#left -= steps
    return isThere
  }
}

/** Of one crash: some seconds. The names of Node's 1,000 frames take a hundredth of it. */
export const EXPLANATION_STEPS = 40_000_000
/** Of one file. */
export const MODULE_STEPS = 20_000_000
/** Of its lines, so that functions have names behind the largest sources, too. */
export const LINES_STEPS = 12_000_000
/** Of what was inlined there: half a second. */
export const INLINED_STEPS = 5_000_000
/** To ask a file for bytes, however few. */
export const READ_STEPS = 20
