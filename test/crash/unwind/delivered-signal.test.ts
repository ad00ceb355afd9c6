import assert from 'node:assert/strict'
import { it } from 'node:test'
import { deliveredSignal } from '../../../crash/unwind/delivered-signal.ts'
import { callerRegisters } from '../../../crash/unwind/registers.ts'
import { pieceAt } from '../../../handler/why/process-memory.ts'
import { aarch64SignalFrame, x86SignalFrame } from './signal-frame-bytes.ts'

const AT = 0x7ffe_0000_1000n
const PARTS = {
  instruction: 0x40_1234n,
  stackPointer: 0x7fff_0000_1230n,
  faultAddress: 0x18n,
  trap: { number: 14, errorCode: 4 },
  info: { number: 11, code: 1, address: 0x18n },
}
const FRAMES = { 'x86-64': x86SignalFrame, aarch64: aarch64SignalFrame } as const

for (const [machine, frameOf] of Object.entries(FRAMES) as [keyof typeof FRAMES, typeof x86SignalFrame][])
  it(`deliveredSignal() of ${machine} has what the kernel kept`, () => {
    const registers = callerRegisters(machine, { instruction: 0x50_0000n, stackPointer: AT })
    const pieces = [{ address: AT, bytes: frameOf(PARTS) }]
    const memory = { read: (address: bigint, bytes: number) => pieceAt(pieces, address, bytes) }
    const found = deliveredSignal({ registers, trust: 'cfi' }, memory)
    assert.equal(found?.interrupted.instruction, PARTS.instruction)
    assert.equal(found?.interrupted.stackPointer, PARTS.stackPointer)
    assert.deepEqual([found?.info, found?.faultAddress], [PARTS.info, PARTS.faultAddress])
    assert.deepEqual(found?.trap, machine === 'x86-64' ? PARTS.trap : undefined)
    assert.equal(deliveredSignal({ registers, trust: 'cfi' }, { read: () => null }), null)
  })
