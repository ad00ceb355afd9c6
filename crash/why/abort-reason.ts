import { signalName } from '../signal.ts'
import type { Evidence } from './evidence.ts'
import type { Reason } from './reason-code.ts'
import { isFromItself } from './sent-signal.ts'

const LONGEST_CALL = 100

/** Of a program that gave up; `null`: it did not, or by something else than abort(). */
export function reasonOfAbort(evidence: Evidence): Reason | null {
  const name = signalName(evidence.signal)
  if (evidence.call) {
    const call = evidence.call.slice(0, LONGEST_CALL)
    const sentence = `${call} of the container's first process, which the kernel shows as ${name}`
    return { code: 'abort', sentence }
  }
  const isOwn = evidence.info === undefined || isFromItself(evidence)
  return name === 'SIGABRT' && isOwn ? { code: 'abort', sentence: 'aborted by the program itself' } : null
}
