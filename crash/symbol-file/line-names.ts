import { readForm } from '../symbols/attribute-form.ts'
import type { LineUnit } from '../symbols/line-unit.ts'
import { Cursor } from '../unwind/cursor.ts'

const FORM_IN_TEXT = 0x0e
const NUMBERED_TEXTS: ReadonlySet<number> = new Set([0x1a, 0x25, 0x26, 0x27, 0x28])

/** Where the names of folders and files of a unit of lines may stand, besides `.debug_line` and its own texts. */
export function needsTexts(unit: LineUnit): boolean {
  if (unit.version < 5) return false
  const cursor = new Cursor(unit.tables)
  return [formsIn(cursor, unit), formsIn(cursor, unit)]
    .flat()
    .some(form => form === FORM_IN_TEXT || NUMBERED_TEXTS.has(form))
}

/** Of a table (DWARF 5, 6.2.4), behind which the cursor is then. */
function formsIn(cursor: Cursor, unit: LineUnit): readonly number[] {
  const forms = Array.from({ length: cursor.unsigned(1) }, () => {
    cursor.count()
    return cursor.count()
  })
  for (let left = cursor.count(); left > 0 && !cursor.isCut; left -= 1) {
    const begun = cursor.address
    const areKnown = forms.every(form => readForm(cursor, form, unit) !== null)
    // Of forms without a byte there could be as many as it says.
    if (!areKnown || cursor.address === begun) break
  }
  return forms
}
