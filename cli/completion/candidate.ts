/** What a word may become. */
export interface Candidate {
  readonly value: string
  readonly what: string
}
