import type { Attribute } from './attributes.ts'
import type { DebugEntries } from './debug-entries.ts'
import { type DebugUnit, endOfDebugUnit, readDebugUnit } from './debug-unit.ts'
import { demangled, isMangled } from './demangle.ts'
import type { Effort } from './effort.ts'
import { EntryScopes } from './entry-scopes.ts'
import { EntryTexts } from './entry-texts.ts'
import { EntryWalk } from './entry-walk.ts'

const [NAME, ORIGIN, SPECIFICATION, LINKAGE_NAME, MIPS_LINKAGE_NAME] = [0x03, 0x31, 0x47, 0x6e, 0x2007]
const FORM_IN_INFO = 0x10
const IN_UNIT: ReadonlySet<number> = new Set([0x11, 0x12, 0x13, 0x14, 0x15])
/** The function that was inlined, its declaration within a class, and what that is a copy of. */
const MOST_STEPS = 4
const [USUAL_BYTES, LONGEST_BYTES] = [256, 8192]
const [STEPS_AN_ENTRY, STEPS_A_UNIT, UNITS_A_STEP] = [60, 30, 100]

/** What functions are called that an entry of .debug_info points to. Never throws. */
export class EntryNames {
  readonly #debug: DebugEntries
  readonly #effort: Effort
  readonly #texts: EntryTexts
  readonly #scopes: EntryScopes
  readonly #known = new Map<number, string | null>()
  /** Where units begin, as far as they were passed over, and where the next one does. */
  readonly #units: number[] = []
  #end: number | null = 0

  constructor(debug: DebugEntries, effort: Effort) {
    this.#debug = debug
    this.#effort = effort
    this.#texts = new EntryTexts(debug)
    this.#scopes = new EntryScopes(debug, this.#texts, effort)
  }

  /**
   * Of the function whose copy an entry in `unit` says that it is, as it was written. `null`: it is told nowhere in
   * this file.
   */
  nameOfOrigin(attributes: ReadonlyMap<number, Attribute>, unit: DebugUnit): string | null {
    const at = entryAt(attributes.get(ORIGIN), unit)
    if (at === null) return null
    const known = this.#known.get(at)
    if (known !== undefined) return known
    const name = this.#nameAt(at, unit)
    this.#known.set(at, name)
    return name
  }

  #nameAt(first: number, from: DebugUnit): string | null {
    let [at, unit, name]: [number | null, DebugUnit | null, string | null] = [first, from, null]
    for (let step = 0; step < MOST_STEPS && at !== null; step += 1) {
      unit = isWithin(at, unit) ? unit : this.#unitHolding(at)
      const attributes = unit && this.#attributesAt(at, unit)
      if (!unit || !attributes) break
      const linked = this.#linkedName(attributes, unit)
      if (linked !== null) return linked
      name ??= this.#qualifiedName(attributes, at, unit)
      at = entryAt(attributes.get(SPECIFICATION) ?? attributes.get(ORIGIN), unit)
    }
    return name
  }

  /** GCC tells none of what is known in one file only. */
  #linkedName(attributes: ReadonlyMap<number, Attribute>, unit: DebugUnit): string | null {
    const linked = attributes.get(LINKAGE_NAME) ?? attributes.get(MIPS_LINKAGE_NAME)
    const mangled = this.#texts.of(linked, unit)
    const written = mangled === null ? null : demangled(mangled)
    return written === mangled && written !== null && isMangled(written) ? null : written
  }

  #qualifiedName(attributes: ReadonlyMap<number, Attribute>, at: number, unit: DebugUnit): string | null {
    const name = this.#texts.of(attributes.get(NAME), unit)
    return name === null ? null : [...this.#scopes.around(at, unit), name].join('::')
  }

  #attributesAt(at: number, unit: DebugUnit): ReadonlyMap<number, Attribute> | null {
    if (!this.#effort.spend(STEPS_AN_ENTRY)) return null
    const layouts = this.#debug.abbreviations.layoutsAt(unit.abbreviationsAt, unit.offsetBytes)
    for (const lengthBytes of [USUAL_BYTES, LONGEST_BYTES]) {
      const walk = new EntryWalk(unit, layouts, at, this.#debug.info.read(at, lengthBytes))
      if (walk.next() !== null) return walk.attributes()
    }
    return null
  }

  /** Of another unit than the one that points there, as where programs are optimized as a whole. */
  #unitHolding(at: number): DebugUnit | null {
    while (this.#end !== null && this.#end <= at && this.#effort.spend(STEPS_A_UNIT)) {
      const begins: number = this.#end
      this.#end = endOfDebugUnit(this.#debug.info, begins)
      if (this.#end !== null) this.#units.push(begins)
    }
    if (!this.#effort.spend(this.#units.length / UNITS_A_STEP)) return null
    const begins = this.#units.findLast(begins => begins <= at)
    const unit =
      begins === undefined ? null : readDebugUnit(this.#debug.info, this.#debug.abbreviations, begins)
    return isWithin(at, unit) ? unit : null
  }
}

function isWithin(at: number, unit: DebugUnit | null): boolean {
  return unit !== null && at >= unit.entriesAt && at < unit.end
}

/** `null`: it is in another file, as dwz makes them. */
function entryAt(attribute: Attribute | undefined, unit: DebugUnit): number | null {
  if (attribute === undefined) return null
  if (IN_UNIT.has(attribute.form)) return unit.at + Number(attribute.value)
  return attribute.form === FORM_IN_INFO ? Number(attribute.value) : null
}
