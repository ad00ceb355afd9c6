/** An object that came as JSON: what its fields hold is still to be looked at. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether `value` is an object, and no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** A text or number as text, and nothing of anything else: `String()` throws at some objects, and who sent them knows. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : ''
}

/** A number, or a text of one; anything else is none, as in {@link textOf}. */
export function numberOf(value: unknown): number {
  const text = textOf(value)
  return text === '' ? Number.NaN : Number(text)
}

/** The object in a JSON text; `null`: it is something else, or was cut short by a kill. */
export function fieldsIn(json: string): Fields | null {
  try {
    const value: unknown = JSON.parse(json)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}
