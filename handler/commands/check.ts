/** One line of the self-test. */
export interface Check {
  readonly name: string
  /** What is good about it; shown when there is no problem. */
  readonly detail?: string
  readonly problem?: string
  /** It works, and yet an operator should look at it. */
  readonly warning?: true
  readonly hint?: string
}
