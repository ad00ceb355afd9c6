import { knownFailure } from './known-failures.ts'
import { symptomOf } from './symptom.ts'

/**
 * Whether the same request may go better soon. The error's code decides before the HTTP status: an answer
 * that says what is wrong with the request (bucket, rights, quota) will be the same in a second, whatever its
 * number. Of an answer that is not known only the store's own failures (5xx) pass; no answer at all may be
 * anything.
 *
 * `renewable`: the credentials are others' to renew, so that what is wrong with these may not be with their
 * successors.
 */
export function isPassing(cause: unknown, renewable = false): boolean {
  const symptom = symptomOf(cause)
  const known = knownFailure(symptom)
  if (known === undefined) return symptom.status === 0 || symptom.status >= 500
  return known.passes === 'soon' || (known.passes === 'new credentials' && renewable)
}

/** Whether the store says that the credentials of the request are over. */
export function isOver(cause: unknown): boolean {
  return knownFailure(symptomOf(cause))?.passes === 'new credentials'
}
