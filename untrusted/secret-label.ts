/** What stands before a value, and whether that is a secret then. */
export interface Label {
  readonly pattern: RegExp
  readonly isSecret: (name: string) => boolean
  /** Sticky. Absent: the value is as long as the text there has it. */
  readonly value?: RegExp
}
