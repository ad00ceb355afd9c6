/** Something that is wrong with a node, and what to do about it. */
export interface Problem {
  readonly what: string
  readonly hint: string
}
