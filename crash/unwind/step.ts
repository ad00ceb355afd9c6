import { callBefore } from './call-instruction.ts'
import type { Code } from './code.ts'
import type { Registers } from './registers.ts'

/**
 * How a frame was found. `context`: by the registers themselves, of the first one and of one that a signal
 * interrupted. `cfi`: by what its compiler wrote of the one before, or because that could not have been entered
 * otherwise. `fp`: by a frame pointer. `scan`: by a word on the stack that looks as if.
 */
export type Trust = 'context' | 'cfi' | 'fp' | 'scan'

/** The registers of a frame, and how they were found. */
export interface Step {
  readonly registers: Registers
  readonly trust: Trust
}

/** What called a frame. `start`: nothing, the thread began there; `null`: nothing says. */
export type Caller = Step | 'start' | null

/**
 * Whether a frame did not call the one before it, but was interrupted. So also are those that Go makes look as
 * if they had called runtime.sigpanic: no call stands before where they go on.
 */
export function isInterrupted({ registers: { instruction }, trust }: Step, code: Code): boolean {
  if (trust === 'context') return true
  return callBefore(code, instruction) === null && code.read(instruction - 1n, 1) !== null
}

/** What to look a frame's code up by: the call before a return address, the instruction itself otherwise. */
export function lookupAddressOf(step: Step, code: Code): bigint {
  const { instruction } = step.registers
  return isInterrupted(step, code) ? instruction : code.addressOfCall(instruction)
}
