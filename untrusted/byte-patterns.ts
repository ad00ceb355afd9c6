/** By so many first bytes patterns are told apart before they are compared. */
const HEAD_BYTES = 8
const WORD_BYTES = 4
const SLOT_BITS = 16

/** For a search that goes wrong (see {@link BytePatterns.isExhausted}): what is usual takes a thousandth. */
const SPARE_STEPS = 1 << 26
const STEPS_A_BYTE = 4

/**
 * Finds any of many patterns in memory, as fast as memory is read: of the first seven bytes of each, wherever it
 * stands, four are a word of the machine. So each word is looked up, and where one may be of a pattern, all is compared.
 */
export class BytePatterns {
  readonly longestBytes: number
  /** Whether a word of this hash is in any pattern. Apart from what follows it, it stays in the processor's cache. */
  readonly #isKnown = new Uint8Array(1 << SLOT_BITS)
  /** Of each hash, the first of the places below; 0: there is none. */
  readonly #firstPlace = new Uint16Array(1 << SLOT_BITS)
  readonly #places: Place[] = [{ word: 0, at: 0, patterns: [], next: 0 }]
  #stepsLeft = SPARE_STEPS

  /** `patterns`: of 8 bytes at least; 16,383 of them at the most. */
  constructor(patterns: readonly Buffer[]) {
    this.longestBytes = patterns.reduce((most, { length }) => Math.max(most, length), 0)
    const groups = Map.groupBy(patterns, pattern => pattern.toString('latin1', 0, HEAD_BYTES))
    // The last offset is looked at first: so what is found comes in its order.
    for (let at = 0; at < WORD_BYTES; at += 1) for (const group of groups.values()) this.#addPlace(at, group)
  }

  /**
   * Whether it gave up: patterns and memory are both such that too much has to be compared, which nobody but who
   * makes both brings about. Nothing is found from then on.
   */
  get isExhausted(): boolean {
    return this.#stepsLeft < 0
  }

  /**
   * Calls `found` for each place of `bytes` between `from` and `to` where a pattern begins, in their order, with the
   * longest that is there whole. They may overlap.
   */
  find(bytes: Buffer, from: number, to: number, found: (start: number, end: number) => void): void {
    this.#stepsLeft += STEPS_A_BYTE * Math.max(0, to - from)
    // As far as the first word of the machine.
    const skipped = -bytes.byteOffset & (WORD_BYTES - 1)
    if (bytes.length < skipped + WORD_BYTES) return
    const count = (bytes.length - skipped) >> 2
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + skipped, count)
    const end = Math.min(count, ((to + WORD_BYTES - 2 - skipped) >> 2) + 1)
    const next = (index: number) => nextKnown(words, index, end, this.#isKnown)
    for (let index = next(Math.max(0, (from - skipped) >> 2)); index < end; index = next(index + 1))
      this.#compare(words[index] ?? 0, { bytes, from, to, position: skipped + WORD_BYTES * index, found })
  }

  #compare(word: number, { bytes, from, to, position, found }: Search): void {
    let place = this.#places[this.#firstPlace[hashOf(word)] ?? 0]
    for (; place !== undefined && place.patterns.length > 0; place = this.#places[place.next]) {
      this.#stepsLeft -= 1
      const start = position - place.at
      if (place.word !== word || start < from || start >= to || this.isExhausted) continue
      const longest = place.patterns.find(pattern => this.#isAt(start, pattern, bytes))
      if (longest !== undefined) found(start, start + longest.length)
    }
  }

  #isAt(start: number, pattern: Buffer, bytes: Buffer): boolean {
    if (start + pattern.length > bytes.length) return false
    let same = 0
    while (same < pattern.length && pattern[same] === bytes[start + same]) same += 1
    this.#stepsLeft -= same
    return same === pattern.length
  }

  #addPlace(at: number, group: readonly Buffer[]): void {
    const word = group[0]?.readInt32LE(at) ?? 0
    const slot = hashOf(word)
    const patterns = group.toSorted((a, b) => b.length - a.length)
    this.#places.push({ word, at, patterns, next: this.#firstPlace[slot] ?? 0 })
    this.#firstPlace[slot] = this.#places.length - 1
    this.#isKnown[slot] = 1
  }
}

/** A word of patterns, `at` their beginning or a little behind it. */
interface Place {
  readonly word: number
  readonly at: number
  /** They begin with the same bytes; the longest first. None: it is the end of those of a hash. */
  readonly patterns: readonly Buffer[]
  readonly next: number
}

interface Search {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** Of the word. */
  readonly position: number
  readonly found: (start: number, end: number) => void
}

/** The index of the first of `words` from `from` on whose hash is known; `end`: of none. */
function nextKnown(words: Int32Array, from: number, end: number, isKnown: Uint8Array): number {
  const at = (index: number) => isKnown[hashOf(words[index] ?? 0)] ?? 0
  let index = from
  // Four at once are twice as fast as one after the other.
  while (index + 4 <= end && (at(index) | at(index + 1) | at(index + 2) | at(index + 3)) === 0) index += 4
  while (index < end && at(index) === 0) index += 1
  return index
}

/** By the golden ratio, as Knuth has it: the highest bits are of all of the word. */
function hashOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - SLOT_BITS)
}
