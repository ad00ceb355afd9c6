import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { FrameDescription } from '../../../crash/unwind/frame-record.ts'
import { rowAt } from '../../../crash/unwind/frame-row.ts'

// As gcc begins on x86-64: def_cfa r7 (rsp) + 8; r16 (the return address) at -8.
const COMMON = '0c0708 9001'

it('a row is what holds at an address: before, between and behind advances', () => {
  // advance 1; def_cfa_offset 16; r6 at -16; advance 3; def_cfa_register r6
  const pushed = '41 0e10 8602 43 0d06'
  assert.deepEqual(frameAt(pushed, 0), { register: 7, offset: 8n })
  assert.deepEqual(frameAt(pushed, 1), { register: 7, offset: 16n })
  assert.deepEqual(frameAt(pushed, 3), { register: 7, offset: 16n })
  assert.deepEqual(frameAt(pushed, 4), { register: 6, offset: 16n })
  assert.deepEqual(rulesAt(pushed, 1), [
    [16, { is: 'at', offset: -8n }],
    [6, { is: 'at', offset: -16n }],
  ])
})

it('a row advances by one, two and four bytes, and to an address', () => {
  assert.deepEqual(frameAt('0210 0e20', 0x10), { register: 7, offset: 32n })
  assert.deepEqual(frameAt('030001 0e20', 0x100), { register: 7, offset: 32n })
  assert.deepEqual(frameAt('0400000100 0e20', 0xffff), { register: 7, offset: 8n })
  assert.deepEqual(frameAt('011010000000000000 0e20', 0x10), { register: 7, offset: 32n })
})

it('a row that was remembered comes back, with its frame address', () => {
  const returned = '8602 0a 41 0e30 c6 0b'
  assert.deepEqual(frameAt(returned, 1), { register: 7, offset: 8n })
  assert.deepEqual(rulesAt(returned, 1).at(-1), [6, { is: 'at', offset: -16n }])
})

it('a rule is restored to that of the common information, or to none', () => {
  assert.deepEqual(rulesAt('07 10 d0', 0), [[16, { is: 'at', offset: -8n }]])
  assert.deepEqual(rulesAt('8602 0606', 0), [[16, { is: 'at', offset: -8n }]])
})

it('each rule is read', () => {
  assert.deepEqual(
    rulesAt('0703 0804 090506 110601 140702 15087f 100c0130 160d0131 2f0e02 050f02', 0).slice(1),
    [
      [3, { is: 'undefined' }],
      [4, { is: 'same' }],
      [5, { is: 'register', register: 6 }],
      [6, { is: 'at', offset: -8n }],
      [7, { is: 'value', offset: -16n }],
      [8, { is: 'value', offset: 8n }],
      [12, { is: 'at-expression', expression: Buffer.from('30', 'hex') }],
      [13, { is: 'value-expression', expression: Buffer.from('31', 'hex') }],
      [14, { is: 'at', offset: 16n }],
      [15, { is: 'at', offset: -16n }],
    ],
  )
  assert.deepEqual(frameAt('12077e', 0), { register: 7, offset: 16n })
  assert.deepEqual(frameAt('137e', 0), { register: 7, offset: 16n })
  assert.deepEqual(frameAt('0f0130', 0), { expression: Buffer.from('30', 'hex') })
})

it('what signs a return address and how much is pushed changes nothing', () => {
  assert.deepEqual(frameAt('2d 2c 2e08 00', 0), { register: 7, offset: 8n })
})

it('registers of vectors have no rules', () => {
  assert.deepEqual(rulesAt('054802 05c80102', 0), [[16, { is: 'at', offset: -8n }]])
})

it('there is no row of what is broken', () => {
  for (const broken of ['1a', '0b', '0f01', '0f0130 0d06', '05', '0a'.repeat(17)])
    assert.equal(rowAt(description(broken), 0x1000n), null, broken)
  assert.equal(rowAt({ ...description(''), common: common('') }, 0x1000n), null)
})

function frameAt(hex: string, at: number) {
  return rowAt(description(hex), 0x1000n + BigInt(at))?.frameAddress
}

function rulesAt(hex: string, at: number) {
  return [...(rowAt(description(hex), 0x1000n + BigInt(at))?.rules ?? [])]
}

function description(hex: string): FrameDescription {
  const instructions = bytesOf(hex)
  return { start: 0x1000n, end: 0x20000n, common: common(COMMON), instructions, instructionsAddress: 0x5000n }
}

function common(hex: string): FrameDescription['common'] {
  return {
    codeAlignment: 1n,
    dataAlignment: -8n,
    returnAddress: 16,
    pointerEncoding: 0,
    hasAugmentation: true,
    isSignalFrame: false,
    instructions: bytesOf(hex),
  }
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}
