import assert from 'node:assert/strict'
import { it } from 'node:test'
import { evaluate } from '../../../crash/unwind/expression.ts'

const STACK = Buffer.alloc(32)
STACK.writeBigUInt64LE(0x1122_3344_5566_7788n, 8)
const memory = {
  read(address: bigint, lengthBytes: number) {
    const at = Number(address - 0x7000n)
    return at < 0 || at + lengthBytes > STACK.length ? null : STACK.subarray(at, at + lengthBytes)
  },
}
const values: (bigint | undefined)[] = Array(17).fill(undefined)
values[7] = 0x7000n
values[16] = 0x40_102bn

for (const [what, hex, wanted] of [
  // As ld writes it for .plt: sp + 8 + ((ip & 15) >= 11) * 8
  ['an entry of a PLT behind its push', '7708 8000 3f 1a 3b 2a 33 24 22', 0x7010n],
  // As glibc has it of __restore_rt: deref(sp + 160)
  ['what is saved at a distance from the stack pointer', '770806', 0x1122_3344_5566_7788n],
  ['two bytes of memory', '7708 9402', 0x7788n],
  ['constants with a sign', '09ff 0bfeff 1c', 1n],
  ['a division with a sign', '09f8 32 1b', (1n << 64n) - 4n],
  ['shifts beyond all bits', '31 0840 24', 0n],
  ['a shift that keeps the sign', '09f0 32 26', (1n << 64n) - 4n],
  ['dup, over, pick, swap, rot', '31 32 33 17 12 16 14 1502 22 22 22', 8n],
  ['a branch that is taken', '31 31 280100 00 3a', 10n],
  ['a branch that is not taken', '30 280100 39 3a', 10n],
  ['a division by zero', '31 30 1b', null],
  ['a register that is not known', '7300', null],
  ['memory that is not at hand', '0e0000000000000000 06', null],
  ['more than is on the stack', '22 22', null],
  ['an operation of no compiler', 'e0', null],
  ['a number that is cut off', '0e00', null],
] as const) {
  it(`an expression: ${what}`, () => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    assert.equal(evaluate(bytes, { values, memory }, []), wanted)
  })
}

it('an expression of nothing is what was there before', () => {
  assert.equal(evaluate(Buffer.alloc(0), { values, memory }, [5n]), 5n)
  assert.equal(evaluate(Buffer.alloc(0), { values, memory }, []), null)
})
