import { signalName } from '../signal.ts'
import type { Reason, ReasonCode } from './reason-code.ts'

/** What a handler of the program had caught when the process ended. */
export interface FirstReason extends Reason {
  readonly signal: number
}

const GAVE_UP: readonly ReasonCode[] = ['raised', 'abort', 'exception', 'panic']
const OUTSIDE: readonly ReasonCode[] = ['killed', 'timer', 'cpu-limit', 'other']

/** Whether a process ended by what its handler had caught, and not by an error of the handler, or by others. */
export function isEndOfHandler({ code }: Reason): boolean {
  return GAVE_UP.includes(code)
}

/** Why the process ended, by the signal `ended` and for the reason `last`, while a handler was at work. */
export function reasonBehindHandler(last: Reason, ended: number, first: FirstReason): Reason {
  if (OUTSIDE.includes(last.code)) return last
  if (saysMore(last, first)) return last
  const caught = signalName(first.signal)
  if (!isEndOfHandler(last)) {
    const sentence = `${last.sentence}, in the program's handler of ${caught}: ${first.sentence}`
    return { code: last.code, sentence }
  }
  const what = ended === first.signal ? first.sentence : `${caught}: ${first.sentence}`
  return {
    code: first.code,
    sentence: `${what}, caught by the program's handler, which ${endOf(last, ended, first)}`,
  }
}

/**
 * The runtime of Go raises SIGABRT for a panic (`GOTRACEBACK=crash`), catches it, and raises it again: that it was
 * raised says nothing beside what the panic said.
 */
function saysMore(last: Reason, first: FirstReason): boolean {
  return first.sentence === PLAIN_ABORT && isEndOfHandler(last) && last.code !== 'raised'
}

function endOf(last: Reason, ended: number, first: FirstReason): string {
  // What abort() was called for is the reason of both, where a handler raises SIGABRT again.
  if (last.code === 'raised' || (ended === first.signal && last.sentence === first.sentence))
    return ended === first.signal ? 'raised it again' : `raised ${signalName(ended)}`
  return last.sentence === PLAIN_ABORT ? 'called abort()' : `failed in its turn: ${last.sentence}`
}

/** Of a program that said nothing. */
export const PLAIN_ABORT = 'aborted by the program itself'
