import { Cursor } from '../unwind/cursor.ts'
import type { Abbreviation, AttributeForm } from './abbreviation.ts'
import { FORM_IMPLICIT } from './attribute-form.ts'
import type { DebugSection } from './debug-section.ts'
import type { Effort } from './effort.ts'
import { type EntryLayout, layoutOf } from './entry-layout.ts'

/** By the code that an entry begins with. */
export type EntryLayouts = ReadonlyMap<number, EntryLayout>

const [USUAL_BYTES, LARGEST_BYTES] = [4096, 64 << 10]
const MOST_ATTRIBUTES = 64
const BYTES_A_STEP = 2
/** Each unit has one of its own, of a hundred entries. */
const MOST_KEPT = 64

/** .debug_abbrev: what entries of .debug_info are made of, by a code that they begin with. */
export class Abbreviations {
  readonly #section: DebugSection
  readonly #effort: Effort
  readonly #layouts = new Map<string, EntryLayouts>()

  constructor(section: DebugSection, effort: Effort) {
    this.#section = section
    this.#effort = effort
  }

  /** None: there is no such code in the table at `at`, or there is no effort left. */
  formsOf(at: number, code: number): readonly AttributeForm[] {
    for (const lengthBytes of [USUAL_BYTES, LARGEST_BYTES]) {
      const cursor = new Cursor(this.#section.read(at, lengthBytes))
      const forms = formsIn(cursor, code)
      if (!this.#effort.spend(Number(cursor.address) / BYTES_A_STEP) || forms.length > 0) return forms
    }
    return []
  }

  /** The whole table at `at`, to pass over entries; empty: there is no effort left. */
  layoutsAt(at: number, offsetBytes: 4 | 8): EntryLayouts {
    const key = `${at} ${offsetBytes}`
    const kept = this.#layouts.get(key)
    if (kept !== undefined) return kept
    const bytes = this.#section.read(at, LARGEST_BYTES)
    const cursor = new Cursor(bytes)
    const layouts = new Map(layoutsIn(cursor, offsetBytes))
    if (this.#layouts.size === MOST_KEPT) this.#layouts.clear()
    const paid = this.#effort.spend(Number(cursor.address) / BYTES_A_STEP) ? layouts : new Map()
    this.#layouts.set(key, paid)
    return paid
  }
}

function formsIn(cursor: Cursor, wanted: number): readonly AttributeForm[] {
  for (const [code, { forms }] of abbreviationsIn(cursor)) if (code === wanted) return forms
  return []
}

function* layoutsIn(cursor: Cursor, offsetBytes: 4 | 8): Generator<[code: number, EntryLayout]> {
  for (const [code, abbreviation] of abbreviationsIn(cursor))
    yield [code, layoutOf(abbreviation, offsetBytes)]
}

/** As far as they are all there. */
function* abbreviationsIn(cursor: Cursor): Generator<[code: number, Abbreviation]> {
  while (!cursor.isAtEnd) {
    const code = cursor.count()
    if (code === 0) return
    const [tag, hasChildren] = [cursor.count(), cursor.unsigned(1) !== 0]
    const forms = attributeForms(cursor)
    if (!cursor.isCut) yield [code, { tag, hasChildren, forms }]
  }
}

function attributeForms(cursor: Cursor): readonly AttributeForm[] {
  const forms: AttributeForm[] = []
  for (;;) {
    const [name, form] = [cursor.count(), cursor.count()]
    const value = form === FORM_IMPLICIT ? cursor.sleb() : undefined
    if (form === 0 || cursor.isCut) return forms
    if (forms.length < MOST_ATTRIBUTES) forms.push(value === undefined ? [name, form] : [name, form, value])
  }
}
