import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { signalFramesOn } from '../../../crash/unwind/signal-frames-on-stack.ts'
import { inputs } from '../../inputs.ts'
import { aarch64SignalFrame, x86SignalFrame } from './signal-frame-bytes.ts'

const STACK = 0x7ffe_0000_0008n
const CAME = { instruction: 0x40_1234n, stackPointer: 0x7fff_0000_1230n, faultAddress: 0x18n }
const FRAMES = { 'x86-64': x86SignalFrame, aarch64: aarch64SignalFrame } as const

for (const [machine, frameOf] of Object.entries(FRAMES) as [keyof typeof FRAMES, typeof x86SignalFrame][]) {
  it(`signalFramesOn() a stack of ${machine} finds where the signal came`, () => {
    const stack = Buffer.concat([Buffer.alloc(0x1008, 0xff), frameOf(CAME), Buffer.alloc(200, 0xff)])
    assert.deepEqual(signalFramesOn(stack, STACK, machine), [CAME])
  })

  it(`signalFramesOn() a stack of ${machine} without a handler finds nothing, and not beside its places`, () => {
    assert.deepEqual(signalFramesOn(Buffer.alloc(65536), STACK, machine), [])
    const stack = Buffer.concat([Buffer.alloc(0x1000), frameOf(CAME), Buffer.alloc(200)])
    assert.deepEqual(signalFramesOn(stack, STACK, machine), [])
  })

  it(`signalFramesOn() a stack of ${machine} has an end, whatever it holds`, () => {
    const many = Buffer.concat([Buffer.alloc(8), ...Array(100).fill(frameOf(CAME))])
    assert.equal(signalFramesOn(many, STACK, machine).length, 4)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.bigInt(0n, (1n << 64n) - 1n), (bytes, address) => {
        signalFramesOn(Buffer.from(bytes), address, machine)
      }),
      inputs(300),
    )
  })
}
