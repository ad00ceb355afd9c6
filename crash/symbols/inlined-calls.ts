import type { Attribute } from './attributes.ts'
import { CodeIndex, type EntryCode } from './code-index.ts'
import { type CodeRange, codeRanges } from './code-ranges.ts'
import type { DebugEntries } from './debug-entries.ts'
import type { DebugUnit } from './debug-unit.ts'
import type { Effort } from './effort.ts'
import { EntryNames } from './entry-names.ts'
import { ENTRY_BYTES_A_STEP, EntryWalk } from './entry-walk.ts'

/** A function that was inlined, and from where the code calls it that it is in. */
export interface InlinedCall {
  readonly name: string
  /** By its number in the unit. */
  readonly file: number
  readonly line: number
}

/** What is there that may hold functions, and so is gone through: classes, namespaces, and functions themselves. */
const HOLDERS: ReadonlySet<number> = new Set([0x02, 0x0b, 0x11, 0x13, 0x17, 0x1e, 0x2e, 0x39, 0x3c])
const [FUNCTION, INLINED, BLOCK] = [0x2e, 0x1d, 0x0b]
const [LOW_PC, HIGH_PC, RANGES, CALL_FILE, CALL_LINE] = [0x11, 0x12, 0x55, 0x58, 0x59]
/** Before it, references were of other sizes. */
const OLDEST_VERSION = 3
const LARGEST_UNIT_BYTES = 16 << 20
/** Most functions are small, and there are large ones. */
const FUNCTION_BYTES = [8 << 10, 64 << 10, 512 << 10, 4 << 20]
/** To read where its code lies. */
const STEPS_AN_ENTRY = 60

/** What DWARF says was inlined into the code of a function. Never throws. */
export class InlinedCalls {
  readonly #debug: DebugEntries
  readonly #effort: Effort
  readonly #names: EntryNames
  readonly #functions = new Map<number, CodeIndex>()

  constructor(debug: DebugEntries, effort: Effort) {
    this.#debug = debug
    this.#effort = effort
    this.#names = new EntryNames(debug, effort)
  }

  /** The innermost first. None: nothing is, not all of it has a name, or there is no effort left. */
  at(address: bigint, unit: DebugUnit): readonly InlinedCall[] {
    if (unit.version < OLDEST_VERSION) return []
    const functionAt = this.#functionsOf(unit).entryAt(address)
    const calls = functionAt === null ? null : this.#entriesHolding(address, unit, functionAt)
    const named = calls?.map(attributes => this.#callOf(attributes, unit)).reverse() ?? []
    return named.every(call => call !== null) ? named : []
  }

  #functionsOf(unit: DebugUnit): CodeIndex {
    const known = this.#functions.get(unit.at)
    if (known !== undefined) return known
    const functions = new CodeIndex(this.#functionsIn(unit), this.#effort)
    this.#functions.set(unit.at, functions)
    return functions
  }

  *#functionsIn(unit: DebugUnit): Generator<EntryCode> {
    const walk = this.#walk(unit, unit.entriesAt, Math.min(unit.end - unit.entriesAt, LARGEST_UNIT_BYTES))
    for (let entry = walk?.next() ?? null; walk && entry !== null; entry = walk.next()) {
      if (entry.tag === FUNCTION && entry.hasCode) {
        if (!this.#effort.spend(STEPS_AN_ENTRY)) return
        for (const range of this.#codeOf(walk.attributes(), unit)) yield { ...range, at: walk.entryAt }
      }
      if (!HOLDERS.has(entry.tag)) walk.skipChildren()
    }
  }

  /** The outermost first; `null`: there is no effort left. */
  #entriesHolding(
    address: bigint,
    unit: DebugUnit,
    functionAt: number,
  ): readonly ReadonlyMap<number, Attribute>[] | null {
    for (const lengthBytes of FUNCTION_BYTES) {
      const walk = this.#walk(unit, functionAt, Math.min(unit.end - functionAt, lengthBytes))
      const found = walk && this.#holdingIn(walk, address, unit)
      if (!found || !walk?.isCut) return found
    }
    return null
  }

  #holdingIn(walk: EntryWalk, address: bigint, unit: DebugUnit): ReadonlyMap<number, Attribute>[] | null {
    const found: ReadonlyMap<number, Attribute>[] = []
    // What is deeper is within something that does not hold the address.
    let deepest = Number.POSITIVE_INFINITY
    for (let entry = walk.next(); entry !== null; entry = walk.next()) {
      if (walk.depth > deepest || walk.depth === 0) continue
      deepest = Number.POSITIVE_INFINITY
      if (entry.tag === BLOCK) continue
      if (entry.tag === INLINED && !this.#effort.spend(STEPS_AN_ENTRY)) return null
      const attributes = entry.tag === INLINED ? walk.attributes() : null
      if (attributes && holds(this.#codeOf(attributes, unit), address)) found.push(attributes)
      else {
        deepest = walk.depth
        walk.skipChildren()
      }
    }
    return found
  }

  #walk(unit: DebugUnit, at: number, lengthBytes: number): EntryWalk | null {
    if (!(lengthBytes > 0) || !this.#effort.spend(lengthBytes / ENTRY_BYTES_A_STEP)) return null
    const layouts = this.#debug.abbreviations.layoutsAt(unit.abbreviationsAt, unit.offsetBytes)
    return new EntryWalk(unit, layouts, at, this.#debug.info.read(at, lengthBytes))
  }

  /** Lists of it are relative to the beginning of the unit. */
  #codeOf(attributes: ReadonlyMap<number, Attribute>, unit: DebugUnit): readonly CodeRange[] {
    const ofUnit = [...unit.attributes].filter(([name]) => name !== HIGH_PC && name !== RANGES)
    const isList = attributes.has(RANGES)
    const own = [...attributes].filter(([name]) => !(isList && name === LOW_PC))
    return codeRanges({ ...unit, attributes: new Map([...ofUnit, ...own]) }, this.#debug.code, this.#effort)
  }

  #callOf(attributes: ReadonlyMap<number, Attribute>, unit: DebugUnit): InlinedCall | null {
    const name = this.#names.nameOfOrigin(attributes, unit)
    const [file, line] = [CALL_FILE, CALL_LINE].map(name => Number(attributes.get(name)?.value ?? 0n))
    return name === null ? null : { name, file: file!, line: line! }
  }
}

function holds(code: readonly CodeRange[], address: bigint): boolean {
  return code.some(({ start, end }) => address >= start && address < end)
}
