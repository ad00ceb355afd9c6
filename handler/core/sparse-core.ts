import { backtraceRanges, knowsStacks } from '../../crash/backtrace-ranges.ts'
import type { CoreHead } from '../../crash/core-head.ts'
import { type CoreRange, endOfRange, keepOnly } from '../../crash/core-range.ts'

/**
 * What is left of a core for which there is no room: its length, and what a backtrace needs. All else becomes
 * zeros, which cost nothing where they are compressed.
 */
export class SparseCore {
  readonly reason: string
  readonly #ranges: readonly CoreRange[]
  readonly #from: number
  #leftOutBytes = 0

  private constructor(ranges: readonly CoreRange[], reason: string, from: number) {
    this.#ranges = ranges
    this.reason = reason
    this.#from = from
  }

  /**
   * From `from` on. `null`: it is unknown where the stacks are. Then its beginning is worth more than its length.
   */
  static of(head: CoreHead | null, reason: string, from: number): SparseCore | null {
    if (head === null || !knowsStacks(head)) return null
    return new SparseCore(backtraceRanges(head), reason, from)
  }

  get leftOutBytes(): number {
    return this.#leftOutBytes
  }

  /** Whether of a part before `from`, which nothing was applied to, nothing is needed: it counts as left out then. */
  leaveOut(offset: number, lengthBytes: number): boolean {
    const end = offset + lengthBytes
    const isNeeded = this.#ranges.some(range => range.offset < end && endOfRange(range) > offset)
    if (isNeeded || end > this.#from) return false
    this.#leftOutBytes += lengthBytes
    return true
  }

  /** `block` begins at `offset` of the core. */
  apply(block: Buffer, offset: number): void {
    this.#leftOutBytes += keepOnly(this.#ranges, block, offset)
  }
}
