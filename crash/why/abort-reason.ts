import { plain } from '../../untrusted/plain-text.ts'
import { signalName } from '../signal.ts'
import { PLAIN_ABORT } from './behind-handler.ts'
import type { Evidence } from './evidence.ts'
import { sentenceOfLibc } from './libc-message.ts'
import type { Reason } from './reason-code.ts'
import { reasonOfRustPanic } from './rust-reason.ts'
import { isFromItself } from './sent-signal.ts'
import { reasonOfWay } from './way-to-abort.ts'

const LONGEST_CALL = 100
const LONGEST_MESSAGE = 200

/** Of a program that gave up; `null`: it did not, or by something else than abort(). */
export function reasonOfAbort(evidence: Evidence): Reason | null {
  const name = signalName(evidence.signal)
  const isOwn = name === 'SIGABRT' && (evidence.info === undefined || isFromItself(evidence))
  if (!evidence.call && !isOwn) return null
  const message = reasonByMessage(evidence)
  if (message !== null) return message
  if (!evidence.call) return { code: 'abort', sentence: PLAIN_ABORT }
  const call = plain(evidence.call, LONGEST_CALL)
  const sentence = `${call} of the container's first process, which the kernel shows as ${name}`
  return { code: 'abort', sentence }
}

/** By what it said of it, the most telling first. */
function reasonByMessage(evidence: Evidence): Reason | null {
  const { exception, panic, abortMessage, rustPanic, functions = [] } = evidence
  if (exception) {
    const { type, what } = exception
    const said = what ? `${plain(type)}: ${what}` : plain(type)
    return { code: 'exception', sentence: `uncaught C++ exception ${short(said)}` }
  }
  if (panic) return { code: 'panic', sentence: `Go panic: ${short(panic)}` }
  if (abortMessage) return { code: 'abort', sentence: sentenceOfLibc(abortMessage) }
  return rustPanic ? reasonOfRustPanic(rustPanic, functions) : reasonOfWay(functions)
}

/** A sentence has no period at its end. */
function short(message: string): string {
  return plain(message, LONGEST_MESSAGE).replace(/\.$/, '')
}
