import { type CoreRange, endOfRange } from '../../crash/core-range.ts'
import { zeroBlock } from './block.ts'

/** What is looked for. */
export interface Finder {
  readonly longestBytes: number
  /** Whether nothing is found any more, because it takes too long. */
  readonly isExhausted: boolean
  /** Calls `found` for each that begins between `from` and `to` and is there whole, in their order. */
  find(bytes: Buffer, from: number, to: number, found: (start: number, end: number) => void): void
}

/** In the place of each byte: all that is not changed stays where it was. */
const BLANK = '*'

/**
 * Blanks secrets in a core as it passes, also where one begins in a block and ends in the next. Every byte is looked at
 * as it was: what is blanked may be a part of another one.
 */
export class Scrub {
  readonly #secrets: Finder
  readonly #ranges: readonly CoreRange[]
  /** The first that is not behind us. */
  #range = 0
  /** The block that is looked at, and where the next one begins. */
  #block: Buffer | null = null
  #end = 0
  /** What was found last. It is blanked once nothing that was found reaches into it any more. */
  #found = { start: 0, end: -1 }
  #places = 0

  /** Secrets that begin within `ranges`, which are in their order and apart from each other. */
  constructor(secrets: Finder, ranges: readonly CoreRange[]) {
    this.#secrets = secrets
    this.#ranges = ranges
  }

  /** How many places were blanked; values that touch are one. */
  get places(): number {
    return this.#places
  }

  get isExhausted(): boolean {
    return this.#secrets.isExhausted
  }

  /** What was taken, and not given. */
  get held(): Buffer | null {
    return this.#block
  }

  /**
   * The next block of the core: no shorter than the longest secret, but for the last one. Gives those in which nothing
   * will be changed any more: all but this one, or this one too.
   */
  take(block: Buffer): readonly Buffer[] {
    const done = this.#settle(block)
    const start = this.#end
    this.#block = block
    this.#end = start + block.length
    // All zeros are no secret.
    if (block !== zeroBlock()) this.#search(block, start, start, this.#tail)
    return this.#isAnySearched(this.#tail, this.#end) ? done : [...done, ...this.#settle(NOTHING)]
  }

  /** The core has ended. */
  end(): readonly Buffer[] {
    return this.#settle(NOTHING)
  }

  /** What begins from here on in the block may end in the next. */
  get #tail(): number {
    const { length = 0 } = this.#block ?? {}
    return Math.max(this.#end - length, this.#end - this.#secrets.longestBytes + 1)
  }

  /** `next` comes after the block. */
  #settle(next: Buffer): readonly Buffer[] {
    const block = this.#block
    if (block === null) return []
    const tail = this.#tail
    if (this.#isAnySearched(tail, this.#end)) {
      const joined = [
        block.subarray(block.length - (this.#end - tail)),
        next.subarray(0, this.#secrets.longestBytes),
      ]
      this.#search(Buffer.concat(joined), tail, tail, this.#end)
    }
    this.#blankFound()
    this.#block = null
    return [block]
  }

  /** `bytes` begin at `offset` of the core. */
  #search(bytes: Buffer, offset: number, from: number, to: number): void {
    for (let index = this.#range; index < this.#ranges.length; index += 1) {
      const range = this.#ranges[index] as CoreRange
      if (range.offset >= to) break
      const [start, end] = [Math.max(from, range.offset), Math.min(to, endOfRange(range))]
      if (end > start)
        this.#secrets.find(bytes, start - offset, end - offset, (at, end) =>
          this.#note(offset + at, offset + end),
        )
    }
  }

  #isAnySearched(from: number, to: number): boolean {
    while (endOfRange(this.#ranges[this.#range] ?? NO_RANGE) <= from) this.#range += 1
    const { offset } = this.#ranges[this.#range] ?? NO_RANGE
    return offset < to
  }

  #note(start: number, end: number): void {
    if (start <= this.#found.end) {
      this.#found.end = Math.max(this.#found.end, end)
      return
    }
    this.#blankFound()
    this.#found = { start, end }
    this.#places += 1
  }

  /** As far as it is in the block. The rest is in the next one. */
  #blankFound(): void {
    const block = this.#block
    if (block === null || block === zeroBlock()) return
    const start = this.#end - block.length
    const [from, to] = [this.#found.start - start, this.#found.end - start].map(at =>
      Math.min(block.length, Math.max(0, at)),
    )
    block.fill(BLANK, from, to)
  }
}

const NOTHING = Buffer.alloc(0)
const NO_RANGE: CoreRange = { offset: Number.POSITIVE_INFINITY, lengthBytes: 0 }
