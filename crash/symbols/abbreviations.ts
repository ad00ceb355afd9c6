import { Cursor } from '../unwind/cursor.ts'
import { FORM_IMPLICIT } from './attribute-form.ts'
import type { DebugSection } from './debug-section.ts'
import type { Effort } from './effort.ts'

/** An attribute of an entry, and the form of its value. */
export type AttributeForm = readonly [name: number, form: number]

const [USUAL_BYTES, LARGEST_BYTES] = [4096, 64 << 10]
const MOST_ATTRIBUTES = 64
const BYTES_A_STEP = 2

/** .debug_abbrev: what entries of .debug_info are made of, by a code that they begin with. */
export class Abbreviations {
  readonly #section: DebugSection
  readonly #effort: Effort

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
}

function formsIn(cursor: Cursor, wanted: number): readonly AttributeForm[] {
  while (!cursor.isAtEnd) {
    const code = cursor.count()
    if (code === 0) return []
    // What it is, and whether others are within it.
    cursor.uleb()
    cursor.skip(1)
    const forms = attributeForms(cursor)
    if (code === wanted) return cursor.isCut ? [] : forms
  }
  return []
}

function attributeForms(cursor: Cursor): readonly AttributeForm[] {
  const forms: AttributeForm[] = []
  for (;;) {
    const [name, form] = [cursor.count(), cursor.count()]
    if (form === FORM_IMPLICIT) cursor.sleb()
    if (form === 0 || cursor.isCut) return forms
    if (forms.length < MOST_ATTRIBUTES) forms.push([name, form])
  }
}
