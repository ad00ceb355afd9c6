import { isSent, signalName } from '../signal.ts'
import { reasonOfAbort } from './abort-reason.ts'
import { reasonOfBusError } from './bus-error.ts'
import { instructionIn } from './decode.ts'
import type { Evidence } from './evidence.ts'
import { reasonOfFailedCheck } from './failed-check.ts'
import { reasonOfMemoryFault } from './memory-fault.ts'
import { reasonOfProcessorError } from './processor-error.ts'
import type { Reason } from './reason-code.ts'
import { reasonOfSentSignal } from './sent-signal.ts'

export type { Mapping } from '../mapping.ts'
export type { Evidence, Sender } from './evidence.ts'
export { REASON_CODES, type Reason, type ReasonCode } from './reason-code.ts'

/**
 * Why the process crashed, in words for people. Whatever the evidence is, there is a reason: at the least that
 * it was this signal.
 */
export function reasonOf(evidence: Evidence): Reason {
  const { info, ...rest } = evidence
  // A process that was stopped by another signal meanwhile has the siginfo of that.
  const known: Evidence = info?.number === evidence.signal ? evidence : rest
  const other: Reason = { code: 'other', sentence: `ended by ${signalName(evidence.signal)}` }
  return reasonOfAbort(known) ?? reasonOfSentSignal(known) ?? faultOf(known) ?? other
}

function faultOf(evidence: Evidence): Reason | null {
  if (evidence.info === undefined || isSent(evidence.info.code)) return null
  const instruction = instructionIn(evidence.code, evidence.machine)
  const fault = { ...evidence, info: evidence.info, at: instruction }
  const check = reasonOfFailedCheck(fault)
  if (check !== null) return check
  switch (signalName(evidence.signal)) {
    case 'SIGSEGV':
      return reasonOfMemoryFault(fault)
    case 'SIGBUS':
      return reasonOfBusError(fault)
    default:
      return reasonOfProcessorError(fault)
  }
}
