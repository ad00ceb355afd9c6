import type { ElfImage } from '../image/elf-image.ts'
import { CompileUnits } from './compile-units.ts'
import { DebugSection } from './debug-section.ts'
import { LineFiles, type TextSections } from './line-files.ts'
import { LineRows } from './line-rows.ts'
import { readLineUnit } from './line-unit.ts'

/** Where in its sources code came from. */
export interface SourceLine {
  readonly file: string
  readonly line: number
}

/** What a unit tells takes 30 ns a byte. */
const MOST_UNIT_BYTES = 64 << 20
/** A byte may be a row of 24. */
const MOST_KEPT_BYTES = 1 << 20

/** The lines that .debug_line tells; the innermost, where functions were inlined. Never throws. */
export class SourceLines {
  readonly #image: ElfImage
  readonly #lines: DebugSection
  readonly #texts: TextSections
  #units: CompileUnits | undefined
  readonly #kept = new Map<number, ToldLines | null>()
  #keptBytes = 0
  #unitBytes = 0

  constructor(image: ElfImage) {
    this.#image = image
    this.#lines = new DebugSection(image, '.debug_line')
    this.#texts = {
      text: new DebugSection(image, '.debug_str'),
      lineText: new DebugSection(image, '.debug_line_str'),
    }
  }

  /** `address` as the program headers have it. */
  at(address: bigint): SourceLine | null {
    if (this.#image.section('.debug_line') === undefined) return null
    this.#units ??= new CompileUnits(this.#image)
    const linesAt = this.#units.linesAt(address)
    const told = linesAt === null ? null : this.#told(linesAt)
    const row = told?.rows.at(Number(address)) ?? null
    const file = told && row && told.files.path(row.file)
    return file && row ? { file, line: row.line } : null
  }

  #told(at: number): ToldLines | null {
    const kept = this.#kept.get(at)
    if (kept !== undefined) return kept
    const unit = this.#unitBytes > MOST_UNIT_BYTES ? null : readLineUnit(this.#lines, at)
    const told = unit && { rows: new LineRows(unit), files: new LineFiles(unit, this.#texts) }
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
    this.#unitBytes += bytes
  }
}

interface ToldLines {
  readonly rows: LineRows
  readonly files: LineFiles
}
