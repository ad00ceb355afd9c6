import type { Cursor } from '../unwind/cursor.ts'
import type { AttributeForm } from './abbreviation.ts'
import { readForm, type Widths } from './attribute-form.ts'

/** What is said of an entry, as it stands there. */
export interface Attribute {
  readonly form: number
  readonly value: bigint
}

/** By name; as far as their forms are known. */
export function attributesIn(
  cursor: Cursor,
  forms: readonly AttributeForm[],
  widths: Widths,
): Map<number, Attribute> {
  const attributes = new Map<number, Attribute>()
  for (const [name, form, constant] of forms) {
    const value = constant ?? readForm(cursor, form, widths)
    if (value === null) break
    attributes.set(name, { form, value })
  }
  return attributes
}
