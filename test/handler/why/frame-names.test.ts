import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Frame } from '../../../crash/unwind/walk.ts'
import { comparedFrames, FrameNames, shownFrames } from '../../../handler/why/frame-names.ts'
import { fixture, imageOf } from '../../crash/symbols/fixture.ts'

const BIAS = 0x7000_0000n
const LIBRARY = {
  path: '/srv/libshop.so',
  image: imageOf(fixture('inlined-rust.so')),
  bias: BIAS,
  ranges: [],
}
/** Where rustc inlined what reads memory into `price`, and that into `checkout`. */
const INLINED_AT = BIAS + 0x1300n

it('describe() has what was inlined as frames of their own, the program’s own as others are', () => {
  const frames = shownFrames(new FrameNames().describe(frame(INLINED_AT)))
  assert.deepEqual(
    frames.map(frame => [frame.function, frame.line, frame.own, frame.inlined]),
    [
      ['core::ptr::read_volatile', 2091, false, true],
      ['inlined::shop::price', 11, true, true],
      ['checkout', 17, true, undefined],
    ],
  )
  assert.deepEqual(
    new Set(frames.map(({ address, trust }) => `${address} ${trust}`)),
    new Set(['0x1300 cfi']),
  )
  assert.deepEqual(
    frames.map(({ offset }) => offset),
    [undefined, undefined, '0x0'],
  )
})

it('comparedFrames() has only what stands on the stack where debug information tells the rest', () => {
  const frames = comparedFrames(new FrameNames().describe(frame(INLINED_AT)))
  assert.deepEqual(
    frames.map(({ functionName }) => functionName),
    ['checkout'],
  )
})

it('describeStack() has no more that was inlined than it may, and all that stands on the stack', () => {
  const stack = new FrameNames().describeStack(
    [1, 2, 3].map(() => frame(INLINED_AT)),
    4,
  )
  assert.deepEqual(
    stack.map(({ named }) => named.length),
    [3, 3, 1],
  )
})

it('describe() names what a compiler made at run time, own where it is the program’s, and nothing is compared by it', () => {
  const compiled = new Map([
    [0x1000n, { name: 'total', file: '/app/cart.js', line: 3, isOwn: true }],
    [0x2000n, { name: 'Builtin:ArrayForEach', isOwn: false }],
  ])
  const names = new FrameNames(compiled)
  const frames = [0x1000n, 0x2000n, 0x3000n].flatMap(at => names.describe({ ...frame(at), module: null }))
  const shown = shownFrames(frames).map(({ function: name, file, line, own }) => [name, file, line, own])
  assert.deepEqual(shown, [
    ['total', '/app/cart.js', 3, true],
    ['Builtin:ArrayForEach', undefined, undefined, false],
    [undefined, undefined, undefined, false],
  ])
  const compared = comparedFrames(frames).map(({ functionName, module }) => [functionName, module])
  assert.deepEqual(compared, Array(3).fill([null, '']))
  assert.equal(names.describe(frame(INLINED_AT)).at(-1)?.functionName, 'checkout')
})

function frame(instruction: bigint): Frame {
  const place = {
    instruction,
    lookupAddress: instruction,
    stackPointer: 0n,
    registers: {} as Frame['registers'],
  }
  return { ...place, trust: 'cfi', isSignalFrame: false, module: LIBRARY }
}
