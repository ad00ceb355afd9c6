import { inspect } from 'node:util'

/** A failure an operator can act on. `hint` says what to do, in one sentence. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError'
  readonly hint: string

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause })
    this.hint = hint
  }
}

/** What an error says, for a log line or a message, and what to do about it where it says that. */
export function reasonOf(thrown: unknown): { readonly reason: string; readonly hint?: string } {
  const reason = messageOf(thrown)
  return thrown instanceof OperatorError ? { reason, hint: thrown.hint } : { reason }
}

/** What an error says, in one line, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  // Not String(thrown): that throws, in its turn, for an object without a usable toString.
  const text =
    thrown instanceof Error
      ? thrown.message || thrown.name
      : typeof thrown === 'string'
        ? thrown
        : inspect(thrown)
  return text.replace(/\s+/g, ' ').trim()
}
