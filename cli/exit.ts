import { OperatorError } from '../crash/errors.ts'
import { NotFoundError, StoreError } from '../storage/errors.ts'

/** What the program ends with. */
export const EXIT = { ok: 0, error: 1, usage: 2, notFound: 3, forbidden: 4, incomplete: 5 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Why a command ends without what it was asked for. `hint` says what to do, in one sentence. */
export class CliError extends OperatorError {
  override readonly name: string = 'CliError'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, hint: string, cause?: unknown) {
    super(message, hint, cause)
    this.exitCode = exitCode
  }
}

export function exitCodeOf(thrown: unknown): ExitCode {
  if (thrown instanceof CliError) return thrown.exitCode
  if (thrown instanceof NotFoundError) return EXIT.notFound
  if (thrown instanceof StoreError && [401, 403].includes(thrown.status)) return EXIT.forbidden
  return EXIT.error
}
