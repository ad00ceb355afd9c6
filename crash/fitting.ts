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

/** As much of a value as fits; `undefined`: nothing does. What does not fit, or is not named, is left out. Pure. */
export type Fitting = (value: unknown) => unknown

/** What lets through what `schema` says. Made once: a report has hundreds of frames, and a list hundreds of reports. */
export function fittingOf(schema: Schema, whole: Schema = schema): Fitting {
  const { $ref, type } = schema
  if ($ref !== undefined) return later(() => fittingOf(named($ref, whole), whole))
  if (type === 'object') return fieldsFitting(schema, whole)
  if (type === 'array') return itemsFitting(schema, whole)
  return scalarFitting(schema)
}

/** What is named may name itself. */
function later(make: () => Fitting): Fitting {
  let made: Fitting | undefined
  return value => {
    made ??= make()
    return made(value)
  }
}

function fieldsFitting(schema: Schema, whole: Schema): Fitting {
  const { properties = {}, additionalProperties, required = [] } = schema
  const named = new Map(Object.entries(properties).map(([name, wanted]) => [name, fittingOf(wanted, whole)]))
  const others = typeof additionalProperties === 'object' ? fittingOf(additionalProperties, whole) : undefined
  return value => {
    if (!isFields(value)) return undefined
    const fit: [string, unknown][] = []
    for (const name of Object.keys(value)) {
      const kept = (named.get(name) ?? others)?.(value[name])
      if (kept !== undefined) fit.push([name, kept])
    }
    // An assignment would set the prototype where one is called so.
    const fields = Object.fromEntries(fit)
    return required.every(name => Object.hasOwn(fields, name)) ? fields : undefined
  }
}

function itemsFitting({ items = {} }: Schema, whole: Schema): Fitting {
  const fitting = fittingOf(items, whole)
  return value =>
    Array.isArray(value) ? value.map(item => fitting(item)).filter(item => item !== undefined) : undefined
}

function scalarFitting(schema: Schema): Fitting {
  const isScalar = scalarCheck(schema)
  return value => (isScalar(value) ? value : undefined)
}

function scalarCheck({
  type,
  minimum = Number.NEGATIVE_INFINITY,
  ...schema
}: Schema): (value: unknown) => boolean {
  if (schema.const !== undefined) return value => value === schema.const
  if (schema.enum !== undefined) return value => schema.enum?.includes(value) === true
  if (type === 'integer') return value => Number.isSafeInteger(value) && Number(value) >= minimum
  if (type === 'number') return value => Number.isFinite(value) && Number(value) >= minimum
  const pattern = schema.pattern === undefined ? null : new RegExp(schema.pattern)
  return value => typeof value === type && (pattern === null || pattern.test(String(value)))
}

/** `#/$defs/frame` */
function named(reference: string, whole: Schema): Schema {
  const names = reference.split('/').slice(1)
  return names.reduce<Fields>((at, name) => fieldsOf(at[name]), fieldsOf(whole)) as Schema
}
