/**
 * What one part of the benchmark found: a row for each thing measured, in the order in which people compare
 * them.
 */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  /** As many texts in each as there are columns; numbers with their unit in the column's name. */
  readonly rows: readonly (readonly string[])[]
  /** Sentences that belong below it: how it was measured, what was left out and why. */
  readonly notes: readonly string[]
}
