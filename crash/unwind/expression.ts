import type { Memory } from '../image/memory.ts'
import { Cursor } from './cursor.ts'

/** An operation of libc's has 5, a linker's of a PLT 10. */
const MOST_STEPS = 128
const MOST_VALUES = 64

/** What an expression is evaluated in. */
export interface ExpressionContext {
  /** By their DWARF numbers. */
  readonly values: readonly (bigint | undefined)[]
  readonly memory: Memory
}

/**
 * The value of a DWARF expression (DWARF 5, 2.5), as call frame information has them. `null`: it needs what is
 * not known, or is of none of the operations that belong there.
 */
export function evaluate(
  expression: Buffer,
  context: ExpressionContext,
  initial: readonly bigint[],
): bigint | null {
  const evaluation = { ...context, cursor: new Cursor(expression), stack: [...initial] }
  for (let count = 0; count < MOST_STEPS; count += 1) {
    if (evaluation.cursor.isAtEnd) return evaluation.cursor.isCut ? null : (evaluation.stack.at(-1) ?? null)
    if (!step(evaluation, evaluation.cursor.unsigned(1))) return null
    if (evaluation.stack.length > MOST_VALUES) return null
  }
  return null
}

interface Evaluation extends ExpressionContext {
  readonly cursor: Cursor
  readonly stack: bigint[]
}

/** Whether it went on. */
function step(evaluation: Evaluation, opcode: number): boolean {
  const { cursor, stack } = evaluation
  if (opcode >= DW_OP_LIT0 && opcode < DW_OP_LIT0 + 32) return push(stack, BigInt(opcode - DW_OP_LIT0))
  if (opcode >= DW_OP_BREG0 && opcode < DW_OP_BREG0 + 32)
    return pushRegister(evaluation, opcode - DW_OP_BREG0)
  const constant = CONSTANTS[opcode]
  if (constant !== undefined) return push(stack, constant(cursor))
  const unary = UNARY[opcode]
  if (unary !== undefined)
    return push(
      stack,
      on(stack.pop(), value => unary(value, cursor)),
    )
  const binary = BINARY[opcode]
  if (binary !== undefined) return applyBinary(stack, binary)
  return OTHERS[opcode]?.(evaluation) ?? false
}

const [DW_OP_LIT0, DW_OP_BREG0] = [0x30, 0x70]

const CONSTANTS: Readonly<Record<number, (cursor: Cursor) => bigint>> = {
  // const1u, const1s and so on
  8: cursor => BigInt(cursor.unsigned(1)),
  9: cursor => BigInt.asIntN(8, BigInt(cursor.unsigned(1))),
  10: cursor => BigInt(cursor.unsigned(2)),
  11: cursor => BigInt.asIntN(16, BigInt(cursor.unsigned(2))),
  12: cursor => BigInt(cursor.unsigned(4)),
  13: cursor => BigInt.asIntN(32, BigInt(cursor.unsigned(4))),
  14: cursor => cursor.long(),
  15: cursor => cursor.long(),
  // constu, consts
  16: cursor => cursor.uleb(),
  17: cursor => cursor.sleb(),
}

/** Values are unsigned on the stack. */
const UNARY: Readonly<Record<number, (value: bigint, cursor: Cursor) => bigint>> = {
  // abs, neg, not, plus_uconst
  25: value => (signed(value) < 0n ? -value : value),
  31: value => -value,
  32: value => ~value,
  35: (value, cursor) => value + cursor.uleb(),
}

/** `null`: a division by zero. */
const BINARY: Readonly<Record<number, (a: bigint, b: bigint) => bigint | null>> = {
  // and, div, minus, mod, mul, or, plus
  26: (a, b) => a & b,
  27: (a, b) => (b === 0n ? null : signed(a) / signed(b)),
  28: (a, b) => a - b,
  29: (a, b) => (b === 0n ? null : a % b),
  30: (a, b) => a * b,
  33: (a, b) => a | b,
  34: (a, b) => a + b,
  // shl, shr, shra, xor
  36: (a, b) => (b > 63n ? 0n : a << b),
  37: (a, b) => (b > 63n ? 0n : a >> b),
  38: (a, b) => signed(a) >> (b > 63n ? 63n : b),
  39: (a, b) => a ^ b,
  // eq, ge, gt, le, lt, ne
  41: (a, b) => truth(a === b),
  42: (a, b) => truth(signed(a) >= signed(b)),
  43: (a, b) => truth(signed(a) > signed(b)),
  44: (a, b) => truth(signed(a) <= signed(b)),
  45: (a, b) => truth(signed(a) < signed(b)),
  46: (a, b) => truth(a !== b),
}

const OTHERS: Readonly<Record<number, (evaluation: Evaluation) => boolean>> = {
  // deref, deref_size
  6: evaluation => dereference(evaluation, 8),
  148: evaluation => dereference(evaluation, evaluation.cursor.unsigned(1)),
  // dup, drop, over, pick
  18: ({ stack }) => push(stack, stack.at(-1)),
  19: ({ stack }) => stack.pop() !== undefined,
  20: ({ stack }) => push(stack, stack.at(-2)),
  21: ({ stack, cursor }) => push(stack, stack.at(-1 - cursor.unsigned(1))),
  // swap, rot
  22: ({ stack }) => turn(stack, 2),
  23: ({ stack }) => turn(stack, 3),
  // bra, skip
  40: ({ stack, cursor }) => jump(cursor, stack.pop()),
  47: ({ cursor }) => jump(cursor, 1n),
  // bregx
  146: evaluation => pushRegister(evaluation, evaluation.cursor.count()),
  // nop
  150: () => true,
}

function push(stack: bigint[], value: bigint | null | undefined): boolean {
  return value !== null && value !== undefined && stack.push(BigInt.asUintN(64, value)) > 0
}

function pushRegister({ stack, values, cursor }: Evaluation, register: number): boolean {
  const offset = cursor.sleb()
  return push(
    stack,
    on(values[register], value => value + offset),
  )
}

function applyBinary(stack: bigint[], binary: (a: bigint, b: bigint) => bigint | null): boolean {
  const b = stack.pop()
  const a = stack.pop()
  return a !== undefined && b !== undefined && push(stack, binary(a, b))
}

function dereference({ stack, memory }: Evaluation, sizeBytes: number): boolean {
  const address = stack.pop()
  if (address === undefined || !SIZES.includes(sizeBytes)) return false
  const bytes = memory.read(address, sizeBytes)
  return bytes !== null && push(stack, new Cursor(Buffer.concat([bytes, ZEROES])).long())
}

const SIZES = [1, 2, 4, 8]
const ZEROES = Buffer.alloc(8)

/** The uppermost becomes the lowest of `count`. */
function turn(stack: bigint[], count: number): boolean {
  const top = stack.pop()
  if (top === undefined || stack.length < count - 1) return false
  stack.splice(stack.length - (count - 1), 0, top)
  return true
}

/** Skips as far as the next two bytes say, unless `condition` is 0. */
function jump(cursor: Cursor, condition: bigint | undefined): boolean {
  const distance = Number(BigInt.asIntN(16, BigInt(cursor.unsigned(2))))
  if (condition !== undefined && condition !== 0n) cursor.skip(distance)
  return condition !== undefined
}

function on<Result>(value: bigint | undefined, then: (value: bigint) => Result): Result | undefined {
  return value === undefined ? undefined : then(value)
}

function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

function truth(is: boolean): bigint {
  return is ? 1n : 0n
}
