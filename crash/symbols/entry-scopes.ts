import type { DebugEntries } from './debug-entries.ts'
import type { DebugUnit } from './debug-unit.ts'
import type { Effort } from './effort.ts'
import type { EntryTexts } from './entry-texts.ts'
import { EntryWalk } from './entry-walk.ts'

const [NAME, LANGUAGE] = [0x03, 0x13]
/** C of all years has no scopes, nor has assembly. */
const WITHOUT_SCOPES: ReadonlySet<number> = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x8001])
const NAMESPACE = 0x39
/** Classes, structures, unions, namespaces. */
const SCOPES: ReadonlySet<number> = new Set([0x02, 0x13, 0x17, NAMESPACE])
const MOST_SCOPES = 16
const LARGEST_BYTES = 16 << 20
const [BYTES_A_STEP, STEPS_AN_ENTRY] = [100, 3]

/** In which classes and namespaces entries of .debug_info are. */
export class EntryScopes {
  readonly #debug: DebugEntries
  readonly #texts: EntryTexts
  readonly #effort: Effort

  constructor(debug: DebugEntries, texts: EntryTexts, effort: Effort) {
    this.#debug = debug
    this.#texts = texts
    this.#effort = effort
  }

  /**
   * The names of those that the entry at `at` is in, the outermost first. No entry says what it is in, so all before
   * it are passed over; GCC says for most how far those within them reach.
   */
  around(at: number, unit: DebugUnit): readonly string[] {
    const lengthBytes = at - unit.entriesAt
    const hasNone = WITHOUT_SCOPES.has(Number(unit.attributes.get(LANGUAGE)?.value ?? 0n))
    if (hasNone || !(lengthBytes > 0) || lengthBytes > LARGEST_BYTES) return []
    if (!this.#effort.spend(lengthBytes / BYTES_A_STEP)) return []
    const layouts = this.#debug.abbreviations.layoutsAt(unit.abbreviationsAt, unit.offsetBytes)
    const bytes = this.#debug.info.read(unit.entriesAt, lengthBytes)
    const open = openAtEnd(new EntryWalk(unit, layouts, unit.entriesAt, bytes), at, this.#effort)
    return open.slice(0, MOST_SCOPES).flatMap(scopeAt => {
      const walk = new EntryWalk(unit, layouts, scopeAt, bytes.subarray(scopeAt - unit.entriesAt))
      return this.#nameOf(walk, unit) ?? []
    })
  }

  #nameOf(walk: EntryWalk, unit: DebugUnit): string | null {
    const tag = walk.next()?.tag
    const name = this.#texts.of(walk.attributes().get(NAME), unit)
    return name ?? (tag === NAMESPACE ? '(anonymous namespace)' : null)
  }
}

/** Where the scopes begin that are not over when `walk` comes to `end`. */
function openAtEnd(walk: EntryWalk, end: number, effort: Effort): readonly number[] {
  // The last one of each depth.
  const scopes: (number | null)[] = []
  for (let entry = walk.next(); entry !== null; entry = walk.next()) {
    if (!effort.spend(STEPS_AN_ENTRY)) return []
    scopes[walk.depth] = SCOPES.has(entry.tag) ? walk.entryAt : null
    walk.skipChildren(end)
  }
  return scopes.slice(0, walk.innerDepth).filter(at => at !== null)
}
