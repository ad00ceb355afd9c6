import type { Memory } from '../image/memory.ts'
import { callerByDescription } from './call-frame.ts'
import { callBefore, mayHold } from './call-instruction.ts'
import type { Code } from './code.ts'
import { FrameDescriptions } from './frame-descriptions.ts'
import { callerByFramePointer } from './frame-pointer.ts'
import type { FrameDescription } from './frame-record.ts'
import { NUMBERS, type Registers } from './registers.ts'
import { interruptedRegisters, isSignalTrampoline } from './signal-frame.ts'
import { type Caller, isInterrupted, lookupAddressOf, type Step } from './step.ts'
import { callerAtEntry, callerByGuess } from './undescribed.ts'

/** What called a frame, by the first way that leads anywhere. */
export function callerOf(step: Step, code: Code, memory: Memory): Caller {
  return (
    interrupted(step, code, memory) ??
    described(step, code, memory) ??
    callerAtEntry(step, code, memory) ??
    callerByGuess(step, code, memory)
  )
}

/** By the registers that the kernel kept when it called a signal handler. */
function interrupted(step: Step, code: Code, memory: Memory): Step | null {
  if (!isSignalTrampoline(code, step.registers.instruction)) return null
  const kept = interruptedRegisters(step, memory)
  return kept === null ? null : { registers: kept, trust: 'context' }
}

/** By call frame information. */
function described(step: Step, code: Code, memory: Memory): Caller {
  const lookup = lookupAddressOf(step, code)
  const module = code.moduleAt(lookup)
  const address = module === null ? 0n : BigInt.asUintN(64, lookup - module.bias)
  const description = module?.image ? FrameDescriptions.of(module.image).at(address) : null
  if (description === null || !code.allows(description.instructions.length)) return null
  const found = callerByDescription(step.registers, description, address, memory)
  if (found === 'start') return byFramePointer(step, 0n, code, memory) ?? 'start'
  return found === null ? null : believed(step, found, description, code, memory)
}

function believed(
  step: Step,
  found: Registers,
  { common: { isSignalFrame } }: FrameDescription,
  code: Code,
  memory: Memory,
): Caller {
  if (isSignalFrame) return { registers: found, trust: 'context' }
  const caller = { ...found, instruction: code.unsigned(found.instruction) }
  const better = code.isInFile(caller.instruction)
    ? null
    : byFramePointer(step, caller.instruction, code, memory)
  if (better !== null) return better
  if (caller.instruction === 0n) return 'start'
  const isLeaf = NUMBERS[caller.machine].link !== null && isInterrupted(step, code)
  return isBelievable(caller, step.registers, code, isLeaf) ? { registers: caller, trust: 'cfi' } : null
}

/**
 * Where Go goes from one stack to another, and from a signal handler, its call frame information leads nowhere,
 * 0, the frame pointer to the other stack. That is believed of code that leads out of all files only if it is
 * the call to where it is.
 */
function byFramePointer({ registers }: Step, described: bigint, code: Code, memory: Memory): Step | null {
  const found = callerByFramePointer(registers, code, memory)
  if (found === null) return null
  const target = found.call?.target ?? null
  const isCall = target !== null && (described === 0n || mayHold(target, registers.instruction))
  const isBetter = isCall || isSignalTrampoline(code, found.caller.instruction)
  return isBetter ? { registers: found.caller, trust: 'fp' } : null
}

/**
 * A stack grows downwards. A caller that lies below is on another stack, which needs more: that it calls
 * something.
 */
function isBelievable(caller: Registers, registers: Registers, code: Code, isLeaf: boolean): boolean {
  const { instruction, stackPointer } = caller
  if (stackPointer % 8n !== 0n || !code.mayBe(instruction)) return false
  if (stackPointer > registers.stackPointer) return true
  if (stackPointer === registers.stackPointer) return isLeaf && instruction !== registers.instruction
  return callBefore(code, instruction) !== null
}
