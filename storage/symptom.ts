import { messageOf } from '../crash/errors.ts'
import { strangeAnswer } from './strange-answer.ts'

/** The code of an answer that is none of S3's. */
export const STRANGE_ANSWER = 'NotS3'

/** What an SDK, network or file system error says of itself. */
export interface Symptom {
  /** `NoSuchBucket`, `ECONNREFUSED`, `TimeoutError` … */
  readonly code: string
  /** HTTP status of the store's answer; 0 if there was none. */
  readonly status: number
  /** Where a connection was tried: `10.0.0.1:9000` or a host name. */
  readonly peer: string
  /** The error's own words, which may be the server's. */
  readonly words: string
}

/** Of several addresses that were tried, what the first one said. Pure. */
export function symptomOf(thrown: unknown): Symptom {
  const error = (thrown instanceof AggregateError ? thrown.errors[0] : thrown) as Record<
    string,
    unknown
  > | null
  const page = strangeAnswer(error)
  const metadata = (error?.$metadata ?? {}) as Record<string, unknown>
  return {
    code: page === null ? text(error?.code) || text(error?.name) || 'error' : STRANGE_ANSWER,
    status: typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : 0,
    peer: error?.address ? [error.address, error.port].join(':') : text(error?.hostname),
    words: page ?? messageOf(error),
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
