import assert from 'node:assert/strict'
import { it } from 'node:test'
import { registersIn, registersInSignalContext } from '../../../crash/unwind/registers.ts'

const REGISTERS_AT = 112

it('registersIn() has the registers of x86-64 by their DWARF numbers', () => {
  // r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp
  const registers = registersIn(numbered(REGISTERS_AT, 27), 'x86-64')
  // rax rdx rcx rbx rsi rdi rbp rsp r8 to r15 rip
  assert.deepEqual(registers?.values.map(Number), [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16])
  assert.deepEqual([registers.instruction, registers.stackPointer], [16n, 19n])
})

it('registersIn() has the registers of aarch64, which are in order', () => {
  const registers = registersIn(numbered(REGISTERS_AT, 34), 'aarch64')
  assert.deepEqual(registers?.values.map(Number), [...Array(33).keys()])
  assert.deepEqual([registers.instruction, registers.stackPointer], [32n, 31n])
})

it('registersIn() has none of a note that is cut off', () => {
  assert.equal(registersIn(numbered(REGISTERS_AT, 19), 'x86-64'), null)
  assert.equal(registersIn(numbered(REGISTERS_AT, 32), 'aarch64'), null)
  assert.equal(registersIn(Buffer.alloc(0), 'x86-64'), null)
})

it('registersInSignalContext() has those that the kernel keeps while a handler runs', () => {
  // r8 to r15 rdi rsi rbp rbx rdx rax rcx rsp rip
  const registers = registersInSignalContext(numbered(0, 17), 'x86-64')
  assert.deepEqual(registers?.values.map(Number), [13, 12, 14, 11, 9, 8, 10, 15, 0, 1, 2, 3, 4, 5, 6, 7, 16])
})

/** Words that say which they are. */
function numbered(at: number, count: number): Buffer {
  const bytes = Buffer.alloc(at + count * 8)
  for (let index = 0; index < count; index += 1) bytes.writeBigUInt64LE(BigInt(index), at + index * 8)
  return bytes
}
