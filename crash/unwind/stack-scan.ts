import type { Memory } from '../image/memory.ts'
import { type Call, callBefore, isStub, mayHold } from './call-instruction.ts'
import type { Code } from './code.ts'
import { isFramePointer } from './frame-pointer.ts'
import { callerRegisters, NUMBERS, type Registers } from './registers.ts'

const MOST_WORDS = 1024
const WORD_BYTES = 8
const PAGE_BYTES = 4096

/** What a word on the stack, a return address, says of being the caller's. */
export interface Candidates {
  /** Behind a call to the code that the process is in. */
  readonly sure: Registers | null
  /** Behind a call by a pointer or to a stub, which may lead there. */
  readonly possible: Registers | null
}

/**
 * The nearest of each kind. What a call goes to is the beginning of a function, so of all that begin before the
 * instruction only the last can hold it: the others' return addresses were left from earlier calls.
 */
export function candidatesOnStack(registers: Registers, code: Code, memory: Memory): Candidates {
  const calls = [...callsOnStack(registers, code, memory)]
  const starts = calls.map(({ target }) => target).filter(target => target !== null)
  const last = starts.filter(start => mayHold(start, registers.instruction)).sort(descending)[0]
  const sure = last === undefined ? undefined : calls.find(({ target }) => target === last)
  const possible = calls.find(({ target }) => target === null || isStub(code, target))
  return { sure: sure?.caller ?? null, possible: possible?.caller ?? null }
}

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : 1
}

interface CallOnStack extends Call {
  readonly caller: Registers
}

function* callsOnStack(registers: Registers, code: Code, memory: Memory): Generator<CallOnStack> {
  for (const { address, value } of wordsOf(memory, registers.stackPointer)) {
    const returnAddress = code.unsigned(value)
    const call = callBefore(code, returnAddress)
    if (call !== null) yield { ...call, caller: callerAt(registers, returnAddress, address, code, memory) }
  }
}

/**
 * A frame pointer that lies further up is the caller's still, or one of its own callers'; where it was pushed at
 * once, it stands below the return address.
 */
function callerAt(
  { machine, values }: Registers,
  instruction: bigint,
  address: bigint,
  code: Code,
  memory: Memory,
): Registers {
  const current = values[NUMBERS[machine].framePointer]
  const pushed = memory.read(address - BigInt(WORD_BYTES), WORD_BYTES)?.readBigUInt64LE(0)
  const isAbove = (pointer: bigint | undefined) => pointer !== undefined && pointer > address
  const isPushed = pushed !== undefined && isAbove(pushed) && isFramePointer(pushed, code, memory)
  const isKept = current === 0n || isAbove(current)
  return callerRegisters(machine, {
    instruction,
    stackPointer: address + BigInt(WORD_BYTES),
    framePointer: isPushed ? pushed : isKept ? current : undefined,
  })
}

/** Page by page, for not all of them may be at hand. */
function* wordsOf(memory: Memory, from: bigint): Generator<{ address: bigint; value: bigint }> {
  if (from % BigInt(WORD_BYTES) !== 0n) return
  const end = from + BigInt(MOST_WORDS * WORD_BYTES)
  for (let at = from; at < end; ) {
    const lengthBytes = PAGE_BYTES - Number(at % BigInt(PAGE_BYTES))
    const page = memory.read(at, lengthBytes)
    if (page === null) return
    for (let offset = 0; offset < lengthBytes; offset += WORD_BYTES)
      yield { address: at + BigInt(offset), value: page.readBigUInt64LE(offset) }
    at += BigInt(lengthBytes)
  }
}
