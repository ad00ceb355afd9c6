import { Cursor } from './cursor.ts'
import { readPointer } from './encoded-pointer.ts'
import type { FrameDescription } from './frame-record.ts'

/** How a register of the caller is had (DWARF 5, 6.4.1); offsets are from the canonical frame address. */
export type Rule =
  | { readonly is: 'undefined' }
  | { readonly is: 'same' }
  | { readonly is: 'at'; readonly offset: bigint }
  | { readonly is: 'value'; readonly offset: bigint }
  | { readonly is: 'register'; readonly register: number }
  | { readonly is: 'at-expression'; readonly expression: Buffer }
  | { readonly is: 'value-expression'; readonly expression: Buffer }

/** How the canonical frame address is had. */
export type FrameAddressRule =
  | { readonly register: number; readonly offset: bigint }
  | { readonly expression: Buffer }

/** What holds at one instruction. A register without a rule is the caller's own still. */
export interface FrameRow {
  readonly frameAddress: FrameAddressRule
  readonly rules: ReadonlyMap<number, Rule>
}

/** Vector registers and those of extensions have numbers above; nothing is found by them. */
const MOST_REGISTERS = 34
const MOST_REMEMBERED = 16
/** The largest description that was seen, of a function of cc1plus, has 20,064 bytes of them. */
const MOST_INSTRUCTIONS = 20_000

/** What holds at `address`, of the description's own file; `null`: the description is broken. */
export function rowAt(description: FrameDescription, address: bigint): FrameRow | null {
  const { common, instructions, instructionsAddress } = description
  const state: State = {
    description,
    cursor: new Cursor(common.instructions),
    location: description.start,
    frameAddress: null,
    rules: new Map(),
    initial: new Map(),
    remembered: [],
  }
  if (!run(state, address)) return null
  state.cursor = new Cursor(instructions, instructionsAddress)
  state.initial = new Map(state.rules)
  if (!run(state, address) || state.frameAddress === null) return null
  return { frameAddress: state.frameAddress, rules: state.rules }
}

interface State {
  readonly description: FrameDescription
  cursor: Cursor
  location: bigint
  frameAddress: FrameAddressRule | null
  rules: Map<number, Rule>
  /** Those of the common information. */
  initial: ReadonlyMap<number, Rule>
  readonly remembered: Pick<State, 'rules' | 'frameAddress'>[]
}

/** Whether all instructions up to `address` were understood. */
function run(state: State, address: bigint): boolean {
  for (let count = 0; count < MOST_INSTRUCTIONS; count += 1) {
    if (state.cursor.isAtEnd || state.location > address) return !state.cursor.isCut
    if (!step(state, state.cursor.unsigned(1))) return false
  }
  return false
}

/** Whether it was understood. */
function step(state: State, opcode: number): boolean {
  const operand = opcode & 0x3f
  const kind = opcode & 0xc0
  if (kind === DW_CFA_ADVANCE) return advance(state, operand)
  if (kind === DW_CFA_OFFSET) return setRule(state, operand, factored(state, 'at', state.cursor.uleb()))
  if (kind === DW_CFA_RESTORE) return restore(state, operand)
  return OPERATIONS[opcode]?.(state, state.cursor) ?? false
}

const [DW_CFA_ADVANCE, DW_CFA_OFFSET, DW_CFA_RESTORE] = [0x40, 0x80, 0xc0]

const OPERATIONS: Readonly<Record<number, (state: State, cursor: Cursor) => boolean>> = {
  // nop
  0: () => true,
  // set_loc
  1: (state, cursor) => moveTo(state, readPointer(cursor, state.description.common.pointerEncoding)),
  // advance_loc1, 2, 4
  2: (state, cursor) => advance(state, cursor.unsigned(1)),
  3: (state, cursor) => advance(state, cursor.unsigned(2)),
  4: (state, cursor) => advance(state, cursor.unsigned(4)),
  // offset_extended
  5: (state, cursor) => setRule(state, cursor.count(), factored(state, 'at', cursor.uleb())),
  // restore_extended
  6: (state, cursor) => restore(state, cursor.count()),
  // undefined, same_value
  7: (state, cursor) => setRule(state, cursor.count(), { is: 'undefined' }),
  8: (state, cursor) => setRule(state, cursor.count(), { is: 'same' }),
  // register
  9: (state, cursor) => setRule(state, cursor.count(), { is: 'register', register: cursor.count() }),
  // remember_state, restore_state
  10: remember,
  11: recall,
  // def_cfa, def_cfa_register, def_cfa_offset, def_cfa_expression
  12: (state, cursor) => setAddress(state, { register: cursor.count(), offset: cursor.uleb() }),
  13: (state, cursor) => changeAddress(state, { register: cursor.count() }),
  14: (state, cursor) => changeAddress(state, { offset: cursor.uleb() }),
  15: (state, cursor) => setAddress(state, { expression: cursor.take(cursor.count()) }),
  // expression
  16: (state, cursor) => setRule(state, cursor.count(), expression('at-expression', cursor)),
  // offset_extended_sf, def_cfa_sf, def_cfa_offset_sf
  17: (state, cursor) => setRule(state, cursor.count(), factored(state, 'at', cursor.sleb())),
  18: (state, cursor) =>
    setAddress(state, { register: cursor.count(), offset: scaled(state, cursor.sleb()) }),
  19: (state, cursor) => changeAddress(state, { offset: scaled(state, cursor.sleb()) }),
  // val_offset, val_offset_sf, val_expression
  20: (state, cursor) => setRule(state, cursor.count(), factored(state, 'value', cursor.uleb())),
  21: (state, cursor) => setRule(state, cursor.count(), factored(state, 'value', cursor.sleb())),
  22: (state, cursor) => setRule(state, cursor.count(), expression('value-expression', cursor)),
  // AARCH64_negate_ra_state_with_pc, AARCH64_negate_ra_state: the signature is taken off whether it is there or not
  44: () => true,
  45: () => true,
  // GNU_args_size
  46: (_, cursor) => cursor.uleb() >= 0n,
  // GNU_negative_offset_extended
  47: (state, cursor) => setRule(state, cursor.count(), factored(state, 'at', -cursor.uleb())),
}

function advance(state: State, delta: number): boolean {
  return moveTo(state, state.location + BigInt(delta) * state.description.common.codeAlignment)
}

function moveTo(state: State, location: bigint | null): boolean {
  if (location === null) return false
  state.location = location
  return true
}

function setRule(state: State, register: number, rule: Rule): boolean {
  if (register < MOST_REGISTERS) state.rules.set(register, rule)
  return true
}

function restore(state: State, register: number): boolean {
  const rule = state.initial.get(register)
  if (rule === undefined) state.rules.delete(register)
  else state.rules.set(register, rule)
  return true
}

function remember({ remembered, rules, frameAddress }: State): boolean {
  if (remembered.length === MOST_REMEMBERED) return false
  return remembered.push({ rules: new Map(rules), frameAddress }) > 0
}

function recall(state: State): boolean {
  const last = state.remembered.pop()
  if (last === undefined) return false
  Object.assign(state, last)
  return true
}

function setAddress(state: State, rule: FrameAddressRule): boolean {
  state.frameAddress = rule
  return true
}

function changeAddress(state: State, change: { register: number } | { offset: bigint }): boolean {
  const { frameAddress } = state
  if (frameAddress === null || 'expression' in frameAddress) return false
  return setAddress(state, { ...frameAddress, ...change })
}

function factored(state: State, is: 'at' | 'value', offset: bigint): Rule {
  return { is, offset: scaled(state, offset) }
}

function scaled({ description }: State, offset: bigint): bigint {
  return offset * description.common.dataAlignment
}

function expression(is: 'at-expression' | 'value-expression', cursor: Cursor): Rule {
  return { is, expression: cursor.take(cursor.count()) }
}
