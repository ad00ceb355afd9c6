import type { Attribute } from '../symbols/attributes.ts'
import { type CodeRange, codeRanges } from '../symbols/code-ranges.ts'
import type { DebugEntries } from '../symbols/debug-entries.ts'
import type { DebugUnit } from '../symbols/debug-unit.ts'
import type { Effort } from '../symbols/effort.ts'
import { EntryNames } from '../symbols/entry-names.ts'
import { EntryWalk } from '../symbols/entry-walk.ts'

/** A function that was inlined into another one, and what was inlined into it. */
export interface InlinedCode {
  readonly name: string
  readonly code: readonly CodeRange[]
  /** By its number in the lines of the unit. */
  readonly callFile: number
  readonly callLine: number
  readonly within: InlinedCode[]
}

/** A function that others were inlined into. */
export type FunctionCode = Pick<InlinedCode, 'name' | 'code' | 'within'>

const [FUNCTION, INLINED] = [0x2e, 0x1d]
const [LOW_PC, HIGH_PC, ORIGIN, RANGES, CALL_FILE, CALL_LINE] = [0x11, 0x12, 0x31, 0x55, 0x58, 0x59]
const FORM_IN_INFO = 0x10
/** Before it, references were of other sizes. */
const OLDEST_VERSION = 3

/** What was inlined where, of one unit after the other, as far as it has names. */
export class InlinedFunctions {
  readonly #debug: DebugEntries
  readonly #effort: Effort
  readonly #names: EntryNames

  /** `effort` is for the names: some of them take a look at all that stands before. */
  constructor(debug: DebugEntries, effort: Effort, effortForNames: Effort) {
    this.#debug = debug
    this.#effort = effort
    this.#names = new EntryNames(debug, effortForNames)
  }

  in(unit: DebugUnit): readonly FunctionCode[] {
    if (unit.version < OLDEST_VERSION) return []
    const layouts = this.#debug.abbreviations.layoutsAt(unit.abbreviationsAt, unit.offsetBytes)
    const bytes = this.#debug.info.read(unit.entriesAt, unit.end - unit.entriesAt)
    const walk = new EntryWalk(unit, layouts, unit.entriesAt, bytes)
    return [...this.#functionsIn(walk, unit)].filter(({ within }) => within.length > 0)
  }

  *#functionsIn(walk: EntryWalk, unit: DebugUnit): Generator<FunctionCode> {
    /** By depth, what the entries are in. */
    const around: (FunctionCode | null)[] = []
    for (let entry = walk.next(); entry !== null; entry = walk.next()) {
      const { depth } = walk
      around.length = depth
      around[depth] = around[depth - 1] ?? null
      if (entry.tag === FUNCTION) {
        around[depth] = entry.hasCode ? this.#functionAt(walk, unit) : null
        if (around[depth] != null) yield around[depth]
      } else if (entry.tag === INLINED) {
        const inlined = this.#inlinedAt(walk, unit)
        if (inlined !== null) around[depth - 1]?.within.push(inlined)
        around[depth] = inlined
      }
    }
  }

  #functionAt(walk: EntryWalk, unit: DebugUnit): FunctionCode | null {
    const self = new Map([[ORIGIN, { form: FORM_IN_INFO, value: BigInt(walk.entryAt) }]])
    const name = this.#names.nameOfOrigin(self, unit)
    const code = this.#codeOf(walk.attributes(), unit)
    return name === null || code.length === 0 ? null : { name, code, within: [] }
  }

  #inlinedAt(walk: EntryWalk, unit: DebugUnit): InlinedCode | null {
    const attributes = walk.attributes()
    const code = this.#codeOf(attributes, unit)
    const name = code.length === 0 ? null : this.#names.nameOfOrigin(attributes, unit)
    const [callFile, callLine] = [CALL_FILE, CALL_LINE].map(each => Number(attributes.get(each)?.value ?? 0n))
    return name === null ? null : { name, code, callFile: callFile!, callLine: callLine!, within: [] }
  }

  /** Lists of it are relative to the beginning of the unit. */
  #codeOf(attributes: ReadonlyMap<number, Attribute>, unit: DebugUnit): readonly CodeRange[] {
    const ofUnit = [...unit.attributes].filter(([name]) => name !== HIGH_PC && name !== RANGES)
    const isList = attributes.has(RANGES)
    const own = [...attributes].filter(([name]) => !(isList && name === LOW_PC))
    const code = codeRanges(
      { ...unit, attributes: new Map([...ofUnit, ...own]) },
      this.#debug.code,
      this.#effort,
    )
    return code.filter(({ start, end }) => start !== 0n && start < end)
  }
}
