import { type Fields, fieldsOf, isFields } from './fields.ts'

/** As much of JSON Schema as report.schema.json is written in. */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** As much of `value` as fits; `undefined`: nothing does. What does not fit, or is not named, is left out. Pure. */
export function fitting(value: unknown, schema: Schema, whole: Schema = schema): unknown {
  const { $ref, type } = schema
  if ($ref !== undefined) return fitting(value, named($ref, whole), whole)
  if (type === 'object') return isFields(value) ? fittingFields(value, schema, whole) : undefined
  if (type === 'array') return Array.isArray(value) ? fittingItems(value, schema, whole) : undefined
  return isScalar(value, schema) ? value : undefined
}

function fittingFields(fields: Fields, schema: Schema, whole: Schema): Fields | undefined {
  const { properties = {}, additionalProperties: others, required = [] } = schema
  const schemaOf = (name: string) =>
    Object.hasOwn(properties, name) ? properties[name] : typeof others === 'object' ? others : undefined
  const fit = Object.entries(fields).flatMap(([name, value]) => {
    const wanted = schemaOf(name)
    const kept = wanted && fitting(value, wanted, whole)
    return kept === undefined ? [] : [[name, kept] as const]
  })
  const kept = Object.fromEntries(fit)
  return required.every(name => Object.hasOwn(kept, name)) ? kept : undefined
}

function fittingItems(values: readonly unknown[], { items = {} }: Schema, whole: Schema): readonly unknown[] {
  return values.map(value => fitting(value, items, whole)).filter(value => value !== undefined)
}

function isScalar(value: unknown, schema: Schema): boolean {
  if (schema.const !== undefined) return value === schema.const
  if (schema.enum !== undefined) return schema.enum.includes(value)
  if (schema.type === 'integer') return Number.isSafeInteger(value) && isLeast(value, schema)
  if (schema.type === 'number') return Number.isFinite(value) && isLeast(value, schema)
  return typeof value === schema.type && new RegExp(schema.pattern ?? '').test(String(value))
}

function isLeast(value: unknown, { minimum = Number.NEGATIVE_INFINITY }: Schema): boolean {
  return Number(value) >= minimum
}

/** `#/$defs/frame` */
function named(reference: string, whole: Schema): Schema {
  const names = reference.split('/').slice(1)
  return names.reduce<Fields>((at, name) => fieldsOf(at[name]), fieldsOf(whole)) as Schema
}
