/** For people, and for clients that merge. */
const UNUSED = /^(?:description|default|x-kubernetes-.*)$/
/** These are not written into a manifest. */
const NOT_WRITTEN = ['status', 'managedFields', 'ephemeralContainers']

export type Schema = { readonly [key: string]: unknown }

/** What is not declared is an error, as it is for `kubectl apply`. */
export function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => !UNUSED.test(key))
  const schema: Record<string, unknown> = Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      key === 'properties' ? propertiesOf(inner as Schema) : strict(inner),
    ]),
  )
  return 'properties' in schema ? { ...schema, additionalProperties: false } : schema
}

/** Here a `default` or a `description` would be a field. */
function propertiesOf(properties: Schema): Schema {
  const written = Object.entries(properties).filter(([name]) => !NOT_WRITTEN.includes(name))
  return Object.fromEntries(written.map(([name, schema]) => [name, strict(schema)]))
}
