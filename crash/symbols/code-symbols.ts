import { type ElfSegment, PF_X, PT_LOAD } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'
import type { Effort } from './effort.ts'
import { ENTRY_BYTES, hasAddress, type SymbolTable } from './symbol-table.ts'

// A start relative to the first code and the number of its symbol fit into the 53 bits of a number, together.
const MOST_SYMBOLS = 2 ** 21
const MOST_CODE_BYTES = 2 ** 32
const ENTRIES_AT_ONCE = 1 << 15
/** To read it, and to sort it in. */
const STEPS_AN_ENTRY = 3
/** Functions within another one, and names of one function; a file of hostile making has more. */
const MOST_LOOKED_AT = 1024

/** Assembler's labels have no type; the address of an indirect function is that of what chooses it. */
const CODE_TYPES: ReadonlySet<number> = new Set([0, 2, 10])

/**
 * The numbers of the symbols of code, by where they begin and end. As an object for each symbol node's
 * 145,000 took 200 ms; sorted as numbers they take a tenth.
 */
export class CodeSymbols {
  readonly #base: bigint
  /** Where each begins, and after that its number. */
  readonly #sorted: Float64Array
  /** By number. */
  readonly #ends: Uint32Array
  /** The last end of all up to each, in the order of {@link #sorted}. */
  readonly #reach: Uint32Array

  /** As many as `effort` suffices for. */
  constructor(image: ElfImage, table: SymbolTable, effort: Effort) {
    const segments = image.segments.filter(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0)
    this.#base = segments.reduce((lowest, { address }) => (address < lowest ? address : lowest), 2n ** 64n)
    this.#ends = new Uint32Array(Math.min(table.count, MOST_SYMBOLS))
    const code = { base: Number(this.#base), end: endOf(segments, this.#base) }
    this.#sorted = startsOf(table, code, this.#ends, effort)
    this.#reach = new Uint32Array(this.#sorted.length)
    let reach = 0
    for (const [at, key] of this.#sorted.entries()) {
      reach = Math.max(reach, this.#ends[key % MOST_SYMBOLS]!)
      this.#reach[at] = reach
    }
  }

  /** The functions that hold `address`; of those within others the innermost first. */
  *holding(address: bigint): Generator<number> {
    const wanted = Number(address - this.#base)
    const last = this.#lastUpTo(wanted)
    for (let at = last; at >= 0 && last - at < MOST_LOOKED_AT && this.#reach[at]! > wanted; at -= 1) {
      const number = this.#sorted[at]! % MOST_SYMBOLS
      if (this.#ends[number]! > wanted) yield number
    }
  }

  /** The symbols before `address` that do not say how long they are, as far as no function holds or follows them. */
  *labelsBefore(address: bigint): Generator<number> {
    const last = this.#lastUpTo(Number(address - this.#base))
    for (let at = last; at >= 0 && last - at < MOST_LOOKED_AT; at -= 1) {
      const number = this.#sorted[at]! % MOST_SYMBOLS
      if (this.#reach[at]! > Math.floor(this.#sorted[at]! / MOST_SYMBOLS)) return
      yield number
    }
  }

  /** The place of the last that begins at `wanted` or before it. */
  #lastUpTo(wanted: number): number {
    const key = wanted * MOST_SYMBOLS + MOST_SYMBOLS - 1
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sorted[middle]! <= key) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function endOf(code: readonly ElfSegment[], base: bigint): number {
  const ends = code.map(({ address, memoryBytes }) => Number(address - base) + memoryBytes)
  return Math.min(Math.max(0, ...ends), MOST_CODE_BYTES)
}

/** Relative to `base`, in order; notes in `ends` where each ends. */
function startsOf(
  table: SymbolTable,
  { base, end }: { readonly base: number; readonly end: number },
  ends: Uint32Array,
  effort: Effort,
): Float64Array {
  const keys = new Float64Array(ends.length)
  let found = 0
  for (let first = 0; first < ends.length; first += ENTRIES_AT_ONCE) {
    const count = Math.min(ENTRIES_AT_ONCE, ends.length - first)
    const entries = effort.spend(count * STEPS_AN_ENTRY) ? table.entries(first, count) : null
    if (entries === null) break
    for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
      const start = isCode(entries, at) ? word(entries, at + 8) - base : -1
      if (start < 0 || start >= end) continue
      const number = first + at / ENTRY_BYTES
      ends[number] = Math.min(start + word(entries, at + 16), MOST_CODE_BYTES - 1)
      keys[found] = start * MOST_SYMBOLS + number
      found += 1
    }
  }
  return keys.subarray(0, found).sort()
}

function isCode(entries: Buffer, at: number): boolean {
  return hasAddress(entries, at) && CODE_TYPES.has(entries[at + 4]! & 15)
}

/** As a number, for there are many; one of more than 53 bits lies in no code. */
function word(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)
}
