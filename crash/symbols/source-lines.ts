import type { ElfImage } from '../image/elf-image.ts'
import { CompileUnits } from './compile-units.ts'
import { type DebugEntries, debugEntries } from './debug-entries.ts'
import { DebugSection } from './debug-section.ts'
import type { DebugUnit } from './debug-unit.ts'
import type { Effort } from './effort.ts'
import { InlinedCalls } from './inlined-calls.ts'
import { LineFiles } from './line-files.ts'
import { type LineRow, LineRows } from './line-rows.ts'
import { readLineUnit } from './line-unit.ts'

/** Where in its sources code came from. */
export interface SourceLine {
  readonly file: string
  readonly line: number
}

/** A function that was inlined, and where in its sources the code came from. */
export interface InlinedFunction extends Partial<SourceLine> {
  readonly name: string
}

/** Where code came from: in the function that it is in, and in what was inlined there, the innermost first. */
export interface CodeSource extends Partial<SourceLine> {
  readonly inlined: readonly InlinedFunction[]
}

const STATEMENT_LIST = 0x10
/** A byte may be a row of 24. */
const MOST_KEPT_BYTES = 1 << 20
/** More than compilers make; what is behind it is left out. */
const MOST_INLINED = 32

/** The lines that .debug_line tells, and what .debug_info says was inlined there. Never throws. */
export class SourceLines {
  readonly #image: ElfImage
  readonly #effort: Effort
  readonly #lines: DebugSection
  readonly #debug: DebugEntries
  readonly #inlined: InlinedCalls
  #units: CompileUnits | undefined
  readonly #kept = new Map<number, ToldLines | null>()
  #keptBytes = 0

  /** `effort` is for the lines. */
  constructor(image: ElfImage, effort: Effort, effortForInlined: Effort) {
    this.#image = image
    this.#effort = effort
    this.#lines = new DebugSection(image, '.debug_line', effort)
    this.#debug = debugEntries(image, effort)
    this.#inlined = new InlinedCalls(this.#debug, effortForInlined)
  }

  /** `address` as the program headers have it. */
  at(address: bigint): CodeSource {
    if (this.#image.section('.debug_line') === undefined) return { inlined: [] }
    this.#units ??= new CompileUnits(this.#debug, this.#effort)
    const unit = this.#units.unitAt(address)
    return unit === null ? { inlined: [] } : this.#sourceIn(unit, address)
  }

  #sourceIn(unit: DebugUnit, address: bigint): CodeSource {
    const lines = unit.attributes.get(STATEMENT_LIST)
    const told = lines === undefined ? null : this.#told(Number(lines.value))
    const row = told?.rows.at(Number(address)) ?? null
    const calls = this.#inlined.at(address, unit)
    // Each is called from the next one.
    const places = [row, ...calls].map(place => place && told && lineOf(told, place))
    const inlined = calls.slice(0, MOST_INLINED).map(({ name }, index) => ({ name, ...places[index] }))
    return { ...places.at(-1), inlined }
  }

  #told(at: number): ToldLines | null {
    const kept = this.#kept.get(at)
    if (kept !== undefined) return kept
    const unit = readLineUnit(this.#lines, at)
    const told = unit && {
      rows: new LineRows(unit, this.#effort),
      files: new LineFiles(unit, this.#debug.texts, this.#effort),
    }
    this.#keep(at, told, unit === null ? 0 : unit.program.length + unit.tables.length)
    return told
  }

  #keep(at: number, told: ToldLines | null, bytes: number): void {
    if (this.#keptBytes + bytes > MOST_KEPT_BYTES) {
      this.#kept.clear()
      this.#keptBytes = 0
    }
    this.#kept.set(at, told)
    this.#keptBytes += bytes
  }
}

interface ToldLines {
  readonly rows: LineRows
  readonly files: LineFiles
}

function lineOf({ files }: ToldLines, { file: number, line }: LineRow): SourceLine | null {
  const file = files.path(number)
  // Of what is no line, files of hostile making say any number.
  return file === null || !Number.isSafeInteger(line) || line < 1 ? null : { file, line }
}
