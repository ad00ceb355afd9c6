/** As OTLP has it in JSON: a whole number is a text there. */
export interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

export type Values = Readonly<Record<string, string | number | undefined>>

/** Those that are known. */
export function attributesOf(values: Values): readonly Attribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [{ key, value: otlpValue(value) }],
  )
}

function otlpValue(value: string | number): Attribute['value'] {
  return typeof value === 'string' ? { stringValue: value } : { intValue: String(Math.trunc(value)) }
}
