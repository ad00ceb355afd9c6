import { KubeError } from '../kube/errors.ts'
import { StatusError, unavailable } from './status-error.ts'

/** What a client is told when the API server does not say what we ask it. Why is for the log alone. */
export function notAnswered(what: string, fault: unknown): StatusError {
  const message = `the API server does not say ${what}`
  const isRefused = fault instanceof KubeError && fault.status !== null && fault.status < 500
  return isRefused && fault.status !== 429
    ? new StatusError(500, 'InternalError', message, { cause: fault })
    : unavailable(message, fault)
}
