import type { ElfImage } from '../image/elf-image.ts'
import { type CodeRange, codeRanges, type RangeSections } from './code-ranges.ts'
import { DebugSection } from './debug-section.ts'
import { readDebugUnit } from './debug-unit.ts'

/** Code of one unit, and where its lines are told in .debug_line. */
interface UnitCode extends CodeRange {
  readonly linesAt: number
}

const STATEMENT_LIST = 0x10
/** The largest programs have some thousand; each takes 20 µs. */
const MOST_UNITS = 10_000
const MOST_RANGES = 200_000

/**
 * Where the lines of code are told, by the first entry of each unit of .debug_info, as .debug_aranges has not all of
 * them and Clang writes none.
 */
export class CompileUnits {
  readonly #code: readonly UnitCode[]

  constructor(image: ElfImage) {
    this.#code = [...codeOf(image)].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
  }

  /** `null`: no unit has code at `address`. */
  linesAt(address: bigint): number | null {
    let [low, high] = [0, this.#code.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#code[middle]!.start <= address) low = middle + 1
      else high = middle
    }
    const last = this.#code[low - 1]
    return last !== undefined && address < last.end ? last.linesAt : null
  }
}

function* codeOf(image: ElfImage): Generator<UnitCode> {
  const section = (name: string) => new DebugSection(image, name)
  const [info, abbreviations] = [section('.debug_info'), section('.debug_abbrev')]
  const sections: RangeSections = {
    addresses: section('.debug_addr'),
    ranges: section('.debug_ranges'),
    rangeLists: section('.debug_rnglists'),
  }
  let [at, found] = [0, 0]
  for (let count = 0; count < MOST_UNITS && found < MOST_RANGES; count += 1) {
    const unit = readDebugUnit(info, abbreviations, at)
    if (unit === null) return
    const lines = unit.attributes.get(STATEMENT_LIST)
    for (const range of lines === undefined ? [] : codeRanges(unit, sections)) {
      yield { ...range, linesAt: Number(lines!.value) }
      found += 1
    }
    at = unit.end
  }
}
