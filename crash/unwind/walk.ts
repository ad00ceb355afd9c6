import type { Memory } from '../image/memory.ts'
import type { Module, Modules } from '../image/module.ts'
import { callerOf } from './caller.ts'
import { Code } from './code.ts'
import type { Registers } from './registers.ts'
import { isSignalTrampoline } from './signal-frame.ts'
import { type Caller, lookupAddressOf, type Step, type Trust } from './step.ts'

export type { Trust } from './step.ts'

export interface Frame {
  readonly instruction: bigint
  /** What to look names up by: the call before a return address, the instruction itself otherwise. */
  readonly lookupAddress: bigint
  readonly stackPointer: bigint
  readonly registers: Registers
  readonly trust: Trust
  /** It called what is before it by a signal: the frames before are a handler's. */
  readonly isSignalFrame: boolean
  readonly module: Module | null
}

export interface Walk {
  /** The innermost first. */
  readonly frames: readonly Frame[]
  /** `start`: of the thread; `limit`: there are more; `lost`: nothing says what called the last one. */
  readonly end: 'start' | 'limit' | 'lost'
}

/** The addresses of a program on aarch64, of 48 bits on most kernels; what is above is a signature. */
export const ADDRESS_MASK = (1n << 48n) - 1n

/**
 * Walks a stack, from the registers on. Never throws, whatever the memory and the files of a process hold, and
 * what it reads of them has a bound. Of `addressMask`: {@link ADDRESS_MASK}. `mayGoOn` is asked before
 * each frame; where it says no, the stack is lost.
 */
export function walk(
  registers: Registers,
  process: { readonly memory: Memory; readonly modules: Modules },
  mostFrames: number,
  addressMask = ADDRESS_MASK,
  mayGoOn = () => true,
): Walk {
  const code = new Code(registers.machine, process, addressMask)
  const frames: Frame[] = []
  const seen = new Set<string>()
  let step: Step = { registers, trust: 'context' }
  while (frames.length < mostFrames) {
    if (!mayGoOn()) return { frames, end: 'lost' }
    const place = `${step.registers.instruction} ${step.registers.stackPointer}`
    if (seen.has(place)) return { frames, end: 'lost' }
    seen.add(place)
    const caller: Caller = callerOf(step, code, process.memory)
    frames.push(frameOf(step, code, caller))
    if (caller === null) return { frames, end: 'lost' }
    if (caller === 'start') return { frames, end: 'start' }
    step = caller
  }
  return { frames, end: 'limit' }
}

/** A place that a signal handler returns to is looked up as it is: no call stands before it. */
function frameOf(step: Step, code: Code, caller: Caller): Frame {
  const { registers, trust } = step
  const { instruction, stackPointer } = registers
  const isSignalFrame =
    (caller !== null && caller !== 'start' && caller.trust === 'context') ||
    isSignalTrampoline(code, instruction)
  const lookupAddress = isSignalFrame ? instruction : lookupAddressOf(step, code)
  const module = code.moduleAt(lookupAddress)
  return { instruction, lookupAddress, stackPointer, registers, trust, isSignalFrame, module }
}
