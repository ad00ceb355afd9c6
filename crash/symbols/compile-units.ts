import { addressRanges } from './address-ranges.ts'
import { CodeIndex, type EntryCode } from './code-index.ts'
import { codeRanges } from './code-ranges.ts'
import type { DebugEntries } from './debug-entries.ts'
import { type DebugUnit, endOfDebugUnit, readDebugUnit } from './debug-unit.ts'
import type { Effort } from './effort.ts'

/** Of which the beginning is read. */
const STEPS_A_UNIT = 100

/** What was compiled at once, by the code that came of it. */
export class CompileUnits {
  readonly #debug: DebugEntries
  readonly #effort: Effort
  readonly #ranges: CodeIndex
  #others: CodeIndex | undefined
  readonly #units = new Map<number, DebugUnit | null>()

  constructor(debug: DebugEntries, effort: Effort) {
    this.#debug = debug
    this.#effort = effort
    this.#ranges = new CodeIndex(addressRanges(debug.addressRanges), effort)
  }

  /** `null`: no unit has code at `address`. */
  unitAt(address: bigint): DebugUnit | null {
    const at = this.#ranges.entryAt(address) ?? this.#otherUnitAt(address)
    return at === null ? null : this.#unit(at)
  }

  #unit(at: number): DebugUnit | null {
    const known = this.#units.get(at)
    if (known !== undefined) return known
    const unit = readDebugUnit(this.#debug.info, this.#debug.abbreviations, at)
    this.#units.set(at, unit)
    return unit
  }

  /** Looked for only where that does not know it: to read all units takes 250 µs each. */
  #otherUnitAt(address: bigint): number | null {
    this.#others ??= new CodeIndex(this.#codeOfOthers(this.#ranges.entries()), this.#effort)
    return this.#others.entryAt(address)
  }

  *#codeOfOthers(known: ReadonlySet<number>): Generator<EntryCode> {
    const { info, abbreviations, code } = this.#debug
    let at: number | null = 0
    while (at !== null && this.#effort.spend(STEPS_A_UNIT)) {
      const unit = known.has(at) ? null : readDebugUnit(info, abbreviations, at)
      for (const range of unit === null ? [] : codeRanges(unit, code, this.#effort)) yield { ...range, at }
      at = endOfDebugUnit(info, at)
    }
  }
}
