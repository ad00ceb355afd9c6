import type { Memory } from '../image/memory.ts'
import { type Call, callBefore } from './call-instruction.ts'
import type { Code } from './code.ts'
import { callerRegisters, NUMBERS, type Registers } from './registers.ts'
import { isSignalTrampoline } from './signal-frame.ts'

/** No frame is larger; a stack has 8 MiB. */
const LARGEST_FRAME_BYTES = 8n * 1024n * 1024n

export interface CallerByFramePointer {
  readonly caller: Registers
  /** The call before its return address; `null`: the code there is not at hand, as of a JIT compiler. */
  readonly call: Call | null
}

/**
 * The caller, by the pair that both psABIs have at the frame pointer: that of the caller, and the return
 * address. `null`: what is there cannot be that pair.
 */
export function callerByFramePointer(
  { machine, values, stackPointer }: Registers,
  code: Code,
  memory: Memory,
): CallerByFramePointer | null {
  const framePointer = values[NUMBERS[machine].framePointer]
  const pair = framePointer === undefined ? null : pairAt(framePointer, code, memory)
  if (framePointer === undefined || pair === null) return null
  const call = callBefore(code, pair.returnAddress)
  // Go goes from the stack of its scheduler to that of a goroutine, which lies anywhere. On aarch64 half of a
  // pair of its own is below the stack pointer.
  const isOnStack = isNear(framePointer + 8n, stackPointer)
  // A signal's handler is not called, and what it interrupted may be on a stack that is not at hand.
  const isHandler = isSignalTrampoline(code, pair.returnAddress)
  if (call === null && !isHandler && !(isOnStack && isInChain(pair, framePointer, code, memory))) return null
  const known = { instruction: pair.returnAddress, stackPointer: framePointer + 16n, framePointer: pair.next }
  return { caller: callerRegisters(machine, known), call }
}

interface Pair {
  readonly next: bigint
  readonly returnAddress: bigint
}

function pairAt(framePointer: bigint, code: Code, memory: Memory): Pair | null {
  const bytes = framePointer % 8n === 0n ? memory.read(framePointer, 16) : null
  if (bytes === null) return null
  return { next: bytes.readBigUInt64LE(0), returnAddress: code.unsigned(bytes.readBigUInt64LE(8)) }
}

function isNear(higher: bigint, lower: bigint): boolean {
  return higher >= lower && higher - lower < LARGEST_FRAME_BYTES
}

/**
 * A JIT compiler's code is in no file, and before where Go goes on from runtime.sigpanic is no call: the next
 * pair has to be one, too.
 */
function isInChain({ next, returnAddress }: Pair, at: bigint, code: Code, memory: Memory): boolean {
  if (next === 0n) return code.isInFile(returnAddress)
  const isCode = code.isInFile(returnAddress) || mayBeCompiled(returnAddress, at, code)
  if (!isCode || next === at || !isNear(next, at)) return false
  const above = pairAt(next, code, memory)
  if (above === null) return false
  return callBefore(code, above.returnAddress) !== null || mayBeCompiled(above.returnAddress, at, code)
}

/** Code does not lie on the stack; but right beside it may be what a JIT compiler made. */
function mayBeCompiled(address: bigint, stack: bigint, code: Code): boolean {
  const distance = address > stack ? address - stack : stack - address
  return code.mayBeCompiledAtRunTime(address) && distance > USED_STACK_BYTES
}

/** Threads use less, nearly all of them. */
const USED_STACK_BYTES = 64n * 1024n

/** Whether it points to a pair with the return address of a call. */
export function isFramePointer(address: bigint, code: Code, memory: Memory): boolean {
  const pair = pairAt(address, code, memory)
  return pair !== null && callBefore(code, pair.returnAddress) !== null
}

/** Whether the frame pointer says that nothing called it: 0, or 0 twice where it points to. */
export function isOutermost({ machine, values }: Registers, memory: Memory): boolean {
  const framePointer = values[NUMBERS[machine].framePointer]
  if (framePointer === undefined || framePointer === 0n) return framePointer === 0n
  return memory.read(framePointer, 16)?.equals(NO_CALLER) ?? false
}

const NO_CALLER = Buffer.alloc(16)
