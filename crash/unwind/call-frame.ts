import type { Memory } from '../image/memory.ts'
import { evaluate } from './expression.ts'
import type { FrameDescription } from './frame-record.ts'
import { type FrameAddressRule, type FrameRow, type Rule, rowAt } from './frame-row.ts'
import { NUMBERS, type Registers, registersOf } from './registers.ts'

/**
 * The registers that the caller gets back, by the call frame information of the code at `address` (of the
 * description's own file). `start`: nothing called it. `null`: it needs what is not known.
 */
export function callerByDescription(
  registers: Registers,
  description: FrameDescription,
  address: bigint,
  memory: Memory,
): Registers | 'start' | null {
  const row = rowAt(description, address)
  if (row === null) return null
  const { returnAddress } = description.common
  if (row.rules.get(returnAddress)?.is === 'undefined') return 'start'
  const frameAddress = frameAddressOf(row.frameAddress, registers, memory)
  return frameAddress === null ? null : applied(row, frameAddress, returnAddress, registers, memory)
}

function frameAddressOf(rule: FrameAddressRule, { values }: Registers, memory: Memory): bigint | null {
  if ('expression' in rule) return evaluate(rule.expression, { values, memory }, [])
  const value = values[rule.register]
  return value === undefined ? null : BigInt.asUintN(64, value + rule.offset)
}

function applied(
  { rules }: FrameRow,
  frameAddress: bigint,
  returnAddress: number,
  registers: Registers,
  memory: Memory,
): Registers | null {
  const { machine } = registers
  const { stackPointer, framePointer, instruction } = NUMBERS[machine]
  const values = [...registers.values]
  values[stackPointer] = frameAddress
  if (!rules.has(framePointer)) values[framePointer] = restoredFramePointer(registers, frameAddress, memory)
  for (const [register, rule] of rules) {
    if (register < values.length) values[register] = valueBy(rule, register, frameAddress, registers, memory)
  }
  values[instruction] = values[returnAddress]
  return registersOf(machine, values)
}

/**
 * Go does not write that its functions save the frame pointer. One that points into the frame that is left, or
 * to the word below as on aarch64, is none of the caller's: what it points to is.
 */
function restoredFramePointer(
  { machine, values, stackPointer }: Registers,
  frameAddress: bigint,
  memory: Memory,
): bigint | undefined {
  const framePointer = values[NUMBERS[machine].framePointer]
  const isOwn =
    framePointer !== undefined && framePointer >= stackPointer - 8n && framePointer <= frameAddress - 16n
  return isOwn ? wordAt(memory, framePointer) : framePointer
}

/** `undefined`: nothing says what it was. */
function valueBy(
  rule: Rule,
  register: number,
  frameAddress: bigint,
  { values }: Registers,
  memory: Memory,
): bigint | undefined {
  if (rule.is === 'undefined') return undefined
  if (rule.is === 'same') return values[register]
  if (rule.is === 'register') return values[rule.register]
  if (rule.is === 'at' || rule.is === 'value') {
    const address = BigInt.asUintN(64, frameAddress + rule.offset)
    return rule.is === 'value' ? address : wordAt(memory, address)
  }
  const value = evaluate(rule.expression, { values, memory }, [frameAddress]) ?? undefined
  return rule.is === 'value-expression' || value === undefined ? value : wordAt(memory, value)
}

function wordAt(memory: Memory, address: bigint): bigint | undefined {
  return memory.read(BigInt.asUintN(64, address), 8)?.readBigUInt64LE(0)
}
