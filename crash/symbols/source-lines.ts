import type { ElfImage } from '../image/elf-image.ts'
import { CompileUnits } from './compile-units.ts'
import { DebugSection } from './debug-section.ts'
import type { Effort } from './effort.ts'
import { LineFiles, type TextSections } from './line-files.ts'
import { LineRows } from './line-rows.ts'
import { readLineUnit } from './line-unit.ts'

/** Where in its sources code came from. */
export interface SourceLine {
  readonly file: string
  readonly line: number
}

/** A byte may be a row of 24. */
const MOST_KEPT_BYTES = 1 << 20

/** The lines that .debug_line tells; the innermost, where functions were inlined. Never throws. */
export class SourceLines {
  readonly #image: ElfImage
  readonly #effort: Effort
  readonly #lines: DebugSection
  readonly #texts: TextSections
  #units: CompileUnits | undefined
  readonly #kept = new Map<number, ToldLines | null>()
  #keptBytes = 0

  constructor(image: ElfImage, effort: Effort) {
    this.#image = image
    this.#effort = effort
    this.#lines = new DebugSection(image, '.debug_line', effort)
    this.#texts = {
      text: new DebugSection(image, '.debug_str', effort),
      lineText: new DebugSection(image, '.debug_line_str', effort),
    }
  }

  /** `address` as the program headers have it. */
  at(address: bigint): SourceLine | null {
    if (this.#image.section('.debug_line') === undefined) return null
    this.#units ??= new CompileUnits(this.#image, this.#effort)
    const linesAt = this.#units.linesAt(address)
    const told = linesAt === null ? null : this.#told(linesAt)
    const row = told?.rows.at(Number(address)) ?? null
    const file = told && row && told.files.path(row.file)
    return file && row ? { file, line: row.line } : null
  }

  #told(at: number): ToldLines | null {
    const kept = this.#kept.get(at)
    if (kept !== undefined) return kept
    const unit = readLineUnit(this.#lines, at)
    const told = unit && {
      rows: new LineRows(unit, this.#effort),
      files: new LineFiles(unit, this.#texts, this.#effort),
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
