import { backtraceRanges } from '../../crash/backtrace-ranges.ts'
import type { CoreHead } from '../../crash/core-head.ts'
import { type CoreRange, keepOnly } from '../../crash/core-range.ts'

/**
 * What is left of a core for which there is no room: its length, and what a backtrace needs. All else becomes
 * zeros, which cost nothing where they are compressed.
 */
export class SparseCore {
  readonly reason: string
  readonly #ranges: readonly CoreRange[]
  #leftOutBytes = 0

  private constructor(ranges: readonly CoreRange[], reason: string) {
    this.#ranges = ranges
    this.reason = reason
  }

  /** `null`: it is unknown where the stacks are. Then its beginning is worth more than its length. */
  static of(head: CoreHead | null, reason: string): SparseCore | null {
    if (head === null || head.stackPointers.length === 0) return null
    return new SparseCore(backtraceRanges(head), reason)
  }

  get leftOutBytes(): number {
    return this.#leftOutBytes
  }

  /** `block` begins at `offset` of the core. */
  apply(block: Buffer, offset: number): void {
    this.#leftOutBytes += keepOnly(this.#ranges, block, offset)
  }
}
