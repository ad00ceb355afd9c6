/** An attribute of an entry, and the form of its value; or the value, where all such entries have the same. */
export type AttributeForm = readonly [name: number, form: number, value?: bigint]

/** What an entry is, whether others are within it, and what is said of it. */
export interface Abbreviation {
  readonly tag: number
  readonly hasChildren: boolean
  readonly forms: readonly AttributeForm[]
}
