import { fieldsIn } from './fields.ts'

/** Where a core is kept, for a person who may read the store. */
export interface CoreLocation {
  /** As in a report's `core.key`. */
  readonly key: string
  /** As in a report's `core.url`: without a secret and without an end. */
  readonly url: string
}

/** The location in a JSON text; `null`: it is none. */
export function coreLocationIn(json: string): CoreLocation | null {
  const { key, url } = fieldsIn(json) ?? {}
  return typeof key === 'string' && typeof url === 'string' ? { key, url } : null
}
