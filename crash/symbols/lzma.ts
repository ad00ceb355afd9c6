import { evenOdds, type RangeDecoder } from './range-decoder.ts'

/** What a piece of LZMA says of itself: how many bits of the place and of the byte before choose the odds. */
export interface LzmaProperties {
  readonly literalContextBits: number
  readonly literalPositionBits: number
  readonly positionBits: number
}

const STATES = 12
const [AFTER_MATCH, FIRST_LITERAL_STATES] = [7, 7]
const MOST_POSITIONS = 16
const SHORTEST_MATCH = 2
const LITERAL_ODDS = 0x300
const [SLOTS_WITH_ODDS, ALIGN_BITS] = [14, 4]

/** Odds of a length: 3 bits, 3 other ones, or 8. */
class LengthOdds {
  readonly #choices = evenOdds(2)
  readonly #low = evenOdds(MOST_POSITIONS << 3)
  readonly #middle = evenOdds(MOST_POSITIONS << 3)
  readonly #high = evenOdds(1 << 8)

  read(decoder: RangeDecoder, position: number): number {
    if (decoder.bit(this.#choices, 0) === 0)
      return SHORTEST_MATCH + decoder.number(this.#low, position << 3, 3)
    if (decoder.bit(this.#choices, 1) === 0)
      return SHORTEST_MATCH + 8 + decoder.number(this.#middle, position << 3, 3)
    return SHORTEST_MATCH + 16 + decoder.number(this.#high, 0, 8)
  }
}

/** How far LZMA has come: all that one piece leaves to the next one. */
export class Lzma {
  readonly #properties: LzmaProperties
  readonly #isMatch = evenOdds(STATES * MOST_POSITIONS)
  readonly #isRepeated = evenOdds(STATES)
  readonly #isNotFirst = evenOdds(STATES)
  readonly #isNotSecond = evenOdds(STATES)
  readonly #isNotThird = evenOdds(STATES)
  readonly #isLong = evenOdds(STATES * MOST_POSITIONS)
  readonly #slots = evenOdds(4 << 6)
  readonly #distances = evenOdds(128)
  readonly #align = evenOdds(1 << ALIGN_BITS)
  readonly #literals: Uint16Array
  readonly #matchLength = new LengthOdds()
  readonly #repeatedLength = new LengthOdds()
  #state = 0
  /** The last distances, the latest first; each one less than it is. */
  #last: readonly [number, number, number, number] = [0, 0, 0, 0]

  constructor(properties: LzmaProperties) {
    this.#properties = properties
    const { literalContextBits, literalPositionBits } = properties
    this.#literals = evenOdds(LITERAL_ODDS << (literalContextBits + literalPositionBits))
  }

  /** Fills `output` from `at` to `end`; `false`: what it says cannot be. */
  fill(decoder: RangeDecoder, output: Buffer, at: number, end: number): boolean {
    let place = at
    while (place < end) {
      const position = place & ((1 << this.#properties.positionBits) - 1)
      if (decoder.bit(this.#isMatch, this.#state * MOST_POSITIONS + position) === 0) {
        output[place] = this.#literal(decoder, output, place)
        place += 1
      } else {
        const length = this.#match(decoder, position)
        const from = place - this.#last[0] - 1
        if (from < 0 || place + length > end) return false
        for (let copied = 0; copied < length; copied += 1) output[place + copied] = output[from + copied]!
        place += length
      }
    }
    return true
  }

  #literal(decoder: RangeDecoder, output: Buffer, place: number): number {
    const { literalContextBits, literalPositionBits } = this.#properties
    const before = place === 0 ? 0 : output[place - 1]!
    const low = place & ((1 << literalPositionBits) - 1)
    const base = LITERAL_ODDS * ((low << literalContextBits) + (before >> (8 - literalContextBits)))
    const value =
      this.#state < FIRST_LITERAL_STATES
        ? decoder.number(this.#literals, base, 8)
        : this.#literalBehindMatch(decoder, base, output[place - this.#last[0] - 1] ?? 0)
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
    return value
  }

  /** It is another one than the byte that the match would have gone on with, so that byte chooses the odds. */
  #literalBehindMatch(decoder: RangeDecoder, base: number, matched: number): number {
    let [node, place] = [1, 7]
    for (; node < 0x100; place -= 1) {
      const expected = (matched >> place) & 1
      const bit = decoder.bit(this.#literals, base + ((1 + expected) << 8) + node)
      node = node * 2 + bit
      if (bit !== expected) break
    }
    while (node < 0x100) node = node * 2 + decoder.bit(this.#literals, base + node)
    return node & 0xff
  }

  /** How many bytes are to be copied, from the first of the last distances. */
  #match(decoder: RangeDecoder, position: number): number {
    const state = this.#state
    const isAfterLiteral = state < AFTER_MATCH
    if (decoder.bit(this.#isRepeated, state) === 0) {
      const length = this.#matchLength.read(decoder, position)
      this.#last = [this.#distance(decoder, length), this.#last[0], this.#last[1], this.#last[2]]
      this.#state = isAfterLiteral ? 7 : 10
      return length
    }
    if (decoder.bit(this.#isNotFirst, state) === 0) {
      if (decoder.bit(this.#isLong, state * MOST_POSITIONS + position) === 0) {
        this.#state = isAfterLiteral ? 9 : 11
        return 1
      }
    } else this.#repeat(decoder)
    this.#state = isAfterLiteral ? 8 : 11
    return this.#repeatedLength.read(decoder, position)
  }

  #repeat(decoder: RangeDecoder): void {
    const [first, second, third, fourth] = this.#last
    if (decoder.bit(this.#isNotSecond, this.#state) === 0) this.#last = [second, first, third, fourth]
    else if (decoder.bit(this.#isNotThird, this.#state) === 0) this.#last = [third, first, second, fourth]
    else this.#last = [fourth, first, second, third]
  }

  #distance(decoder: RangeDecoder, length: number): number {
    const slot = decoder.number(this.#slots, Math.min(length - SHORTEST_MATCH, 3) << 6, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const high = (2 | (slot & 1)) * 2 ** bits
    if (slot < SLOTS_WITH_ODDS) return high + decoder.reversedNumber(this.#distances, high - slot, bits)
    const even = decoder.evenNumber(bits - ALIGN_BITS)
    return high + even * 2 ** ALIGN_BITS + decoder.reversedNumber(this.#align, 0, ALIGN_BITS)
  }
}
