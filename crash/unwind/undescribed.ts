import type { Memory } from '../image/memory.ts'
import { callBefore, mayHold, mayReach } from './call-instruction.ts'
import type { Code } from './code.ts'
import { callerByFramePointer, isOutermost } from './frame-pointer.ts'
import { NUMBERS, registersOf } from './registers.ts'
import { candidatesOnStack } from './stack-scan.ts'
import { type Caller, isInterrupted, type Step } from './step.ts'

/**
 * By what holds when a function is entered: its return address is on the stack or in the link register. So it
 * is where no code is, for a call by a null pointer, and in functions that make no frame.
 */
export function callerAtEntry(step: Step, code: Code, memory: Memory): Step | null {
  if (!isInterrupted(step, code)) return null
  const { machine, values, stackPointer, instruction } = step.registers
  const { link, ...numbers } = NUMBERS[machine]
  const word = link === null ? memory.read(stackPointer, 8)?.readBigUInt64LE(0) : values[link]
  const returnAddress = word === undefined ? null : code.unsigned(word)
  const call = returnAddress === null ? null : callBefore(code, returnAddress)
  const hasCode = code.isInFile(instruction)
  if (returnAddress === null || call === null || (hasCode && !mayReach(code, call, instruction))) return null
  const caller = [...values]
  caller[numbers.instruction] = returnAddress
  if (link === null) caller[numbers.stackPointer] = stackPointer + 8n
  const found = registersOf(machine, caller)
  return found === null ? null : { registers: found, trust: hasCode ? 'scan' : 'cfi' }
}

/** By frame pointer or by a scan, whichever is more certain. */
export function callerByGuess({ registers, trust }: Step, code: Code, memory: Memory): Caller {
  if (code.isEntry(registers.instruction)) return 'start'
  const byPointer = callerByFramePointer(registers, code, memory)
  const byPointerStep: Caller = byPointer && { registers: byPointer.caller, trust: 'fp' }
  const target = byPointer?.call?.target ?? null
  const isCertain = byPointer?.call === null || (target !== null && mayHold(target, registers.instruction))
  if (byPointerStep !== null && isCertain) return byPointerStep
  const { sure, possible } = candidatesOnStack(registers, code, memory)
  const isWithin = byPointer === null || sure === null || sure.stackPointer <= byPointer.caller.stackPointer
  if (sure !== null && isWithin) return { registers: sure, trust: 'scan' }
  if (byPointerStep !== null) return byPointerStep
  if (trust !== 'context' && isOutermost(registers, memory)) return 'start'
  return possible === null ? null : { registers: possible, trust: 'scan' }
}
