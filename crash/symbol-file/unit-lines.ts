import type { ElfImage } from '../image/elf-image.ts'
import { type CodeRange, codeRanges } from '../symbols/code-ranges.ts'
import { type DebugEntries, debugEntries } from '../symbols/debug-entries.ts'
import { DebugSection } from '../symbols/debug-section.ts'
import { type DebugUnit, endOfDebugUnit, readDebugUnit } from '../symbols/debug-unit.ts'
import { Effort } from '../symbols/effort.ts'
import { EntryTexts } from '../symbols/entry-texts.ts'
import { readLineUnit } from '../symbols/line-unit.ts'
import { type FunctionCode, InlinedFunctions } from './inlined-code.ts'
import { needsTexts } from './line-names.ts'

/** What was compiled at once, as far as its lines need it. */
export interface UnitLines {
  readonly name: string | null
  readonly folder: string | null
  /** DW_LANG_…, by which debuggers choose how they show things. */
  readonly language: number | null
  /** Where its lines begin in `.debug_line`. */
  readonly linesAt: number
  /** Of DWARF, as its lines are written. */
  readonly version: number
  readonly code: readonly CodeRange[]
  readonly needsTexts: boolean
  /** Those that others were inlined into. */
  readonly functions: readonly FunctionCode[]
}

const [NAME, STATEMENT_LIST, LANGUAGE, COMPILED_IN] = [0x03, 0x10, 0x13, 0x1b]
/** Some minutes. */
const NAMES_STEPS = 2_000_000_000
const LARGEST_OFFSET = 0xffff_fff0

/** Of the units that have code and lines. The file is the operator's own, and so are the time and the memory. */
export function* unitLines(image: ElfImage, largestBytes: number): Generator<UnitLines> {
  const effort = new Effort(Number.POSITIVE_INFINITY)
  const debug = debugEntries(image, effort, largestBytes)
  const lines = new DebugSection(image, '.debug_line', effort, largestBytes)
  const texts = new EntryTexts(debug)
  const inlined = new InlinedFunctions(debug, effort, new Effort(NAMES_STEPS))
  let at: number | null = 0
  while (at !== null) {
    const unit = readDebugUnit(debug.info, debug.abbreviations, at)
    const found = unit && linesOf(unit, { debug, lines, texts, inlined, effort })
    if (found !== null) yield found
    at = endOfDebugUnit(debug.info, at)
  }
}

function linesOf(
  unit: DebugUnit,
  {
    debug,
    lines,
    texts,
    inlined,
    effort,
  }: {
    readonly debug: DebugEntries
    readonly lines: DebugSection
    readonly texts: EntryTexts
    readonly inlined: InlinedFunctions
    readonly effort: Effort
  },
): UnitLines | null {
  const linesAt = Number(unit.attributes.get(STATEMENT_LIST)?.value ?? -1)
  if (linesAt < 0 || linesAt > LARGEST_OFFSET) return null
  const program = readLineUnit(lines, linesAt)
  // What begins at 0 was left out by the linker.
  const code = codeRanges(unit, debug.code, effort).filter(({ start, end }) => start !== 0n && start < end)
  if (program === null || code.length === 0) return null
  const language = unit.attributes.get(LANGUAGE)
  return {
    name: texts.of(unit.attributes.get(NAME), unit),
    folder: texts.of(unit.attributes.get(COMPILED_IN), unit),
    language: language === undefined ? null : Number(language.value & 0xffffn),
    linesAt,
    version: program.version,
    code,
    needsTexts: needsTexts(program),
    functions: inlined.in(unit),
  }
}
