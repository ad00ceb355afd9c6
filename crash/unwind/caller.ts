import type { Memory } from '../image/memory.ts'
import { callerByDescription } from './call-frame.ts'
import { callBefore, mayHold, mayReach } from './call-instruction.ts'
import type { Code } from './code.ts'
import { FrameDescriptions } from './frame-descriptions.ts'
import { callerByFramePointer, isOutermost } from './frame-pointer.ts'
import { NUMBERS, type Registers, registersOf } from './registers.ts'
import { interruptedRegisters, isSignalTrampoline } from './signal-frame.ts'
import { candidatesOnStack } from './stack-scan.ts'

/**
 * How a frame was found. `context`: by the registers themselves, of the first one and of one that a signal
 * interrupted. `cfi`: by what its compiler wrote of the one before. `fp`: by a frame pointer. `scan`: by a
 * word on the stack that looks as if.
 */
export type Trust = 'context' | 'cfi' | 'fp' | 'scan'

/** The registers of a frame, and how they were found. */
export interface Step {
  readonly registers: Registers
  readonly trust: Trust
}

/** What called a frame: `start`: nothing, the thread began there; `null`: nothing says. */
export type Caller = Step | 'start' | null

/** What called a frame, by the first way that leads anywhere. */
export function callerOf(step: Step, code: Code, memory: Memory): Caller {
  return (
    interrupted(step, code, memory) ??
    described(step, code, memory) ??
    atEntry(step, code, memory) ??
    guessed(step, code, memory)
  )
}

/** By the registers that the kernel kept when it called a signal handler. */
function interrupted({ registers }: Step, code: Code, memory: Memory): Step | null {
  if (!isSignalTrampoline(code, registers.instruction)) return null
  const kept = interruptedRegisters(registers, memory)
  return kept === null ? null : { registers: kept, trust: 'context' }
}

/** By call frame information. */
function described({ registers, trust }: Step, code: Code, memory: Memory): Caller {
  const lookup = lookupAddressOf({ registers, trust }, code)
  const module = code.moduleAt(lookup)
  const address = module === null ? 0n : BigInt.asUintN(64, lookup - module.bias)
  const description = module?.image ? FrameDescriptions.of(module.image).at(address) : null
  if (description === null) return null
  const found = callerByDescription(registers, description, address, memory)
  if (found === 'start' || found === null) return found
  const { isSignalFrame } = description.common
  const caller = withInstruction(found, isSignalFrame ? found.instruction : code.unsigned(found.instruction))
  if (caller.instruction === 0n) return 'start'
  if (isSignalFrame) return { registers: caller, trust: 'context' }
  const isLeaf = trust === 'context' && NUMBERS[registers.machine].link !== null
  return isBelievable(caller, registers, code, isLeaf) ? { registers: caller, trust: 'cfi' } : null
}

/** What to look a frame's code up by: of a return address, the call before it. */
export function lookupAddressOf({ registers: { instruction }, trust }: Step, code: Code): bigint {
  return trust === 'context' ? instruction : code.addressOfCall(instruction)
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

/**
 * By what holds when a function is entered: its return address is on the stack or in the link register. So it
 * is where no code is, for a call by a null pointer, and in functions that make no frame.
 */
function atEntry({ registers, trust }: Step, code: Code, memory: Memory): Step | null {
  if (trust !== 'context') return null
  const { machine, values, stackPointer, instruction } = registers
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
function guessed({ registers, trust }: Step, code: Code, memory: Memory): Caller {
  if (code.isEntry(registers.instruction)) return 'start'
  const byPointer = callerByFramePointer(registers, code, memory)
  const byPointerStep: Caller = byPointer && { registers: byPointer.caller, trust: 'fp' }
  const target = byPointer?.call?.target ?? null
  if (
    byPointer !== null &&
    (byPointer.call === null || (target !== null && mayHold(target, registers.instruction)))
  )
    return byPointerStep
  const { sure, possible } = candidatesOnStack(registers, code, memory)
  if (sure !== null && !(byPointer !== null && sure.stackPointer > byPointer.caller.stackPointer))
    return { registers: sure, trust: 'scan' }
  if (byPointerStep !== null) return byPointerStep
  if (trust !== 'context' && isOutermost(registers, memory)) return 'start'
  return possible === null ? null : { registers: possible, trust: 'scan' }
}

function withInstruction(registers: Registers, instruction: bigint): Registers {
  return { ...registers, instruction }
}
