import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isCalled } from '../../../crash/why/failed-check.ts'
import { reasonOf } from '../../../crash/why/reason.ts'
import { memoryOf } from './pieces-of-memory.ts'

const [SIGSEGV, SI_KERNEL, MAPERR] = [11, 128, 1]
const SMASHED = 'a function wrote past the end of a local buffer'

/** A hlt of x86-64, and what is behind it. */
const hlt = (hex: string, more: object = {}) =>
  reasonOf({
    signal: SIGSEGV,
    info: { number: SIGSEGV, code: SI_KERNEL, address: 0n },
    machine: 'x86-64',
    code: Buffer.from(hex, 'hex'),
    ...more,
  })

it("reasonOf() musl's __stack_chk_fail is a buffer that was overrun, whatever the processor does there", () => {
  const functions = ['__stack_chk_fail', 'pay', 'main']
  assert.deepEqual(hlt('f4c3', { functions }), { code: 'abort', sentence: SMASHED })
  const info = { number: SIGSEGV, code: MAPERR, address: 0n }
  const onArm = reasonOf({ signal: SIGSEGV, info, machine: 'aarch64', functions })
  assert.deepEqual(onArm, { code: 'abort', sentence: SMASHED })
  assert.equal(hlt('f4c3', { functions: ['my__stack_chk_fail'] }).code, 'trap')
})

it('reasonOf() a program without names is one by a function that does nothing but hlt', () => {
  assert.deepEqual(hlt('f4c3', { isAtEntry: true }), { code: 'abort', sentence: SMASHED })
  assert.equal(hlt('f4c3').code, 'trap')
  assert.equal(hlt('f490', { isAtEntry: true }).code, 'trap')
})

it("reasonOf() a check of musl's malloc() says what it found", () => {
  const said = 'memory of malloc() was overwritten or freed twice (found in free())'
  assert.deepEqual(hlt('f490', { functions: ['free', 'main'] }), { code: 'abort', sentence: said })
  assert.equal(hlt('f490', { functions: ['free_all', 'main'] }).code, 'trap')
})

const [CALL_AT, RETURN, STACK] = [0x40_1000n, 0x40_1005n, 0x7fff_0000n]
const memoryWith = (call: string) => {
  const word = Buffer.alloc(8)
  word.writeBigUInt64LE(RETURN)
  return memoryOf([
    { address: `0x${STACK.toString(16)}`, bytes: word.toString('hex') },
    { address: `0x${CALL_AT.toString(16)}`, bytes: call },
  ])
}

it('isCalled() where the call before the return address leads to this instruction, and to no other', () => {
  assert.equal(isCalled(memoryWith('e8fb0f0000'), 0x40_2000n, STACK), true)
  assert.equal(isCalled(memoryWith('e8fbefffff'), 0x40_0000n, STACK), true)
  assert.equal(isCalled(memoryWith('e8fb0f0000'), 0x40_2001n, STACK), false)
  assert.equal(isCalled(memoryWith('90fb0f0000'), 0x40_2000n, STACK), false)
  assert.equal(isCalled(memoryWith('e8'), 0x40_2000n, STACK), false)
  assert.equal(isCalled(memoryOf([]), 0x40_2000n, STACK), false)
})
