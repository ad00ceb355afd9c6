import type { ElfImage } from '../image/elf-image.ts'
import { Abbreviations } from './abbreviations.ts'
import { addressRanges } from './address-ranges.ts'
import { CodeIndex, type UnitCode } from './code-index.ts'
import { codeRanges, type RangeSections } from './code-ranges.ts'
import { DebugSection } from './debug-section.ts'
import { endOfDebugUnit, readDebugUnit } from './debug-unit.ts'
import type { Effort } from './effort.ts'

const STATEMENT_LIST = 0x10
/** Of which the beginning is read. */
const STEPS_A_UNIT = 100

/** Where the lines of code are told: by the first entry of the unit that has it. */
export class CompileUnits {
  readonly #info: DebugSection
  readonly #effort: Effort
  readonly #abbreviations: Abbreviations
  readonly #sections: RangeSections
  readonly #ranges: CodeIndex
  #others: CodeIndex | undefined
  readonly #lines = new Map<number, number | null>()

  constructor(image: ElfImage, effort: Effort) {
    const section = (name: string) => new DebugSection(image, name, effort)
    this.#effort = effort
    this.#info = section('.debug_info')
    this.#abbreviations = new Abbreviations(section('.debug_abbrev'), effort)
    this.#sections = {
      addresses: section('.debug_addr'),
      ranges: section('.debug_ranges'),
      rangeLists: section('.debug_rnglists'),
    }
    this.#ranges = new CodeIndex(addressRanges(section('.debug_aranges')), effort)
  }

  /** The place in .debug_line; `null`: no unit has code at `address`. */
  linesAt(address: bigint): number | null {
    const unitAt = this.#ranges.unitAt(address) ?? this.#otherUnitAt(address)
    return unitAt === null ? null : this.#linesOf(unitAt)
  }

  #linesOf(unitAt: number): number | null {
    const known = this.#lines.get(unitAt)
    if (known !== undefined) return known
    const unit = readDebugUnit(this.#info, this.#abbreviations, unitAt)
    const lines = unit?.attributes.get(STATEMENT_LIST)
    const at = lines === undefined ? null : Number(lines.value)
    this.#lines.set(unitAt, at)
    return at
  }

  /** Looked for only where that does not know it: to read all units takes 250 µs each. */
  #otherUnitAt(address: bigint): number | null {
    this.#others ??= new CodeIndex(this.#codeOfOthers(this.#ranges.units()), this.#effort)
    return this.#others.unitAt(address)
  }

  *#codeOfOthers(known: ReadonlySet<number>): Generator<UnitCode> {
    let at: number | null = 0
    while (at !== null && this.#effort.spend(STEPS_A_UNIT)) {
      const unit = known.has(at) ? null : readDebugUnit(this.#info, this.#abbreviations, at)
      for (const range of unit === null ? [] : codeRanges(unit, this.#sections, this.#effort))
        yield { ...range, unitAt: at }
      at = endOfDebugUnit(this.#info, at)
    }
  }
}
