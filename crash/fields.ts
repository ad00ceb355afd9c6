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

/** The object in a JSON text; `null`: it is something else, or was cut short by a kill. */
export function fieldsIn(json: string): Fields | null {
  try {
    const value: unknown = JSON.parse(json)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}
