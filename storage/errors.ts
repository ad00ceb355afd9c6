import { OperatorError } from '../crash/errors.ts'
import { diagnose, LeftBehindError, withoutSecrets } from './diagnosis.ts'
import { WrongKeyError } from './key.ts'
import { isPassing } from './passing-failure.ts'
import { symptomOf } from './symptom.ts'

export type StoreOperation = 'put' | 'get' | 'look at' | 'list' | 'remove' | 'link'

/**
 * An operation on the store failed. `op` and `key` say which, `cause` says why; `hint` says what an operator
 * does about it. Neither the message nor the cause holds a credential or a signed URL.
 */
export class StoreError extends OperatorError {
  override readonly name: string = 'StoreError'
  readonly op: StoreOperation
  readonly key: string
  /** HTTP status of the store's answer; 0: there was none. */
  readonly status: number
  /** Whether the same may go better soon, or with credentials that were renewed. */
  readonly passes: boolean

  /** `location` is the key as people know it, with bucket or mount path. */
  constructor(op: StoreOperation, key: string, cause: unknown, location: string = key) {
    const { message, hint } = diagnose(cause)
    super(`Cannot ${op} "${location}": ${message}`, hint, withoutSecrets(cause))
    this.op = op
    this.key = key
    this.status = symptomOf(cause).status
    this.passes = passes(cause)
  }
}

function passes(cause: unknown): boolean {
  if (cause instanceof LeftBehindError) return passes(cause.cause)
  return !(cause instanceof WrongKeyError) && isPassing(cause, true)
}

/** There is no such object. The only store error that a caller is expected to expect. */
export class NotFoundError extends StoreError {
  override readonly name: string = 'NotFoundError'
}

/** The object ends before the range that was asked for. */
export class NoSuchBytesError extends StoreError {
  override readonly name: string = 'NoSuchBytesError'
}

/**
 * `cause` as a {@link StoreError}, if it is an answer of S3 or the want of one; anything else, as a fault of
 * the node's own disk, as it is.
 */
export function explained(op: StoreOperation, key: string, cause: unknown, location: string): unknown {
  const isAnswer = cause instanceof Error && '$metadata' in cause && !(cause instanceof OperatorError)
  return isAnswer ? new StoreError(op, key, cause, location) : cause
}
