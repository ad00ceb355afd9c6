import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { siteOf as siteOfStack, type WalkedStack } from '../../../crash/why/site.ts'
import type { StackFrame } from '../../../crash/why/stack-frame.ts'
import { inputs } from '../../inputs.ts'
import { anyFrame, reasons } from './any-frame.ts'
import { ownFrame as frame, throughUnpacked } from './own-frame.ts'
import { STACKS } from './recorded-stack.ts'

/** Of a program that gave up, if it is not said otherwise, and whose stack is known to its end. */
function siteOf(frames: readonly StackFrame[], more: Partial<WalkedStack> = {}): string | null {
  return siteOfStack({ frames, isWhole: true, isAtFault: false, ...more })
}

const ofLibc = (functionName: string, more: Partial<StackFrame> = {}) =>
  frame(functionName, { module: '/lib/libc.so.6', buildId: 'libc', ...more })
/** As a bug in `own` ends that is found by libc. */
const aborted = (own: string, more: Partial<StackFrame> = {}) => [
  ofLibc('raise', { trust: 'context' }),
  ofLibc('abort'),
  frame(own, more),
  frame('main'),
]

/** What of Go ends in no code of the program. */
const WITHOUT = ['go dead', 'go overflow']

it('siteOf() tells all real crashes apart, and builds', () => {
  const stacks = [...STACKS].filter(([name]) => !WITHOUT.includes(name)).map(([, frames]) => frames)
  const rebuilt = stacks.map(frames => frames.map(frame => ({ ...frame, buildId: 'another' })))
  assert.equal(new Set([...stacks, ...rebuilt].map(frames => siteOf(frames))).size, 2 * stacks.length)
})

it('siteOf() is null where no code of the program is, and of a build that is not known', () => {
  for (const name of WITHOUT) assert.equal(siteOf(STACKS.get(name)!), null)
  assert.equal(siteOf([]), null)
  assert.equal(siteOf([frame('a', { buildId: null }), frame('main')]), null)
})

it('siteOf() of what libc found is that of the code that called it', () => {
  assert.notEqual(siteOf(aborted('free_twice')), siteOf(aborted('check_balance')))
  assert.equal(siteOf(aborted('check_balance')), siteOf(aborted('check_balance')))
})

it('siteOf() is null where a program gave up, and its stack was lost', () => {
  assert.equal(siteOf(aborted('die'), { isWhole: false }), null)
  for (const trust of ['scan', 'fp']) {
    // What the frame pointer leads to is not what called it, but what called that.
    assert.equal(siteOf(aborted('caller', { trust })), null, trust)
    assert.equal(siteOf([ofLibc('strlen', { trust: 'context' }), frame('caller', { trust })]), null, trust)
  }
})

it('siteOf() of a fault in the own code of a program is as certain as its first frame', () => {
  const fault = (own: string, guessed: string) => [
    frame(own, { trust: 'context' }),
    frame(guessed, { trust: 'scan' }),
  ]
  const lost = { isAtFault: true, isWhole: false }
  assert.notEqual(siteOf(fault('a', 'x'), lost), null)
  assert.equal(siteOf(fault('a', 'x'), lost), siteOf(fault('a', 'y'), lost))
  assert.notEqual(siteOf(fault('a', 'x'), lost), siteOf(fault('b', 'x'), lost))
  // In a program that holds its libc any function may be that which all call.
  assert.equal(siteOf(fault('a', 'x'), { isWhole: false }), null)
  // In libc itself the caller tells the bug.
  assert.equal(siteOf([ofLibc('strlen'), frame('x', { trust: 'scan' })], lost), null)
})

it('siteOf() needs no end of a stack that has sixteen frames of the program', () => {
  const deep = Array.from({ length: 16 }, (_, at) => frame('deep', { offset: BigInt(at) }))
  assert.notEqual(siteOf(deep, { isWhole: false }), null)
  assert.equal(siteOf(deep.slice(1), { isWhole: false }), null)
})

it('siteOf() believes the frame pointers of Go', () => {
  const panicked = (offset: bigint) => [
    frame('runtime.raise', { trust: 'context' }),
    frame('runtime.dieFromSignal', { trust: 'scan' }),
    frame('runtime.gopanic', { trust: 'fp' }),
    frame('main.pay', { trust: 'fp', offset }),
    frame('main.main', { trust: 'fp' }),
  ]
  assert.notEqual(siteOf(panicked(1n)), null)
  assert.notEqual(siteOf(panicked(1n)), siteOf(panicked(2n)))
  const guessed = panicked(1n).map(one => (one.functionName === 'main.pay' ? { ...one, trust: 'scan' } : one))
  assert.equal(siteOf(guessed), null)
})

it('siteOf() does not depend on where a library was unpacked to, or on code that lies in no file', () => {
  assert.equal(siteOf(throughUnpacked('/tmp/1')), siteOf(throughUnpacked('/tmp/another')))
})

it('siteOf() of a full stack is the same wherever the recursion was', () => {
  const functions = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(functions, fc.nat(20), fc.nat(20), (names, one, other) => {
      const stack = (from: number) =>
        Array.from({ length: 64 }, (_, at) => frame(names[(from + at) % names.length]!))
      const overflow = { reason: 'stack-overflow' as const }
      assert.equal(siteOf(stack(one), overflow), siteOf([frame('leaf'), ...stack(other)], overflow))
    }),
    inputs(200),
  )
})

const handled = (cause: string) => [
  ofLibc('raise', { trust: 'context' }),
  frame('write_report'),
  frame('on_signal'),
  ofLibc('__restore_rt'),
  frame(cause, { trust: 'context' }),
  frame('main'),
]

it('siteOf() of a signal that its handler raised again is that of what went wrong', () => {
  const plainly = [frame('divide', { trust: 'context' }), frame('main')]
  assert.equal(siteOf(handled('divide'), { reason: 'raised' }), siteOf(plainly))
  assert.notEqual(siteOf(handled('divide'), { reason: 'raised' }), siteOf(handled('x'), { reason: 'raised' }))
  const guessed = handled('divide').map(one =>
    one.functionName === 'on_signal' ? { ...one, trust: 'scan' } : one,
  )
  assert.equal(siteOf(guessed, { reason: 'raised' }), null)
})

it('siteOf() of a handler that crashed does not depend on what it interrupted', () => {
  const crashed = { reason: 'null-pointer' as const, isWhole: false }
  assert.equal(siteOf(handled('here'), crashed), siteOf(handled('there'), crashed))
  assert.notEqual(siteOf(handled('here'), crashed), null)
})

it('siteOf() is null of what did not come from where the process was', () => {
  for (const reason of ['killed', 'timer', 'cpu-limit', 'hardware-error', 'other'] as const)
    assert.equal(siteOf(handled('main'), { reason }), null)
})

it('siteOf() of any frames is a hash or null', () => {
  const anyStack = fc.record(
    {
      frames: fc.array(anyFrame, { maxLength: 40 }),
      isWhole: fc.boolean(),
      isAtFault: fc.boolean(),
      reason: reasons,
    },
    { requiredKeys: ['frames', 'isWhole', 'isAtFault'] },
  )
  fc.assert(
    fc.property(anyStack, stack => {
      assert.match(siteOfStack(stack) ?? '0'.repeat(16), /^[0-9a-f]{16}$/)
      assert.equal(siteOfStack(stack), siteOfStack(stack))
    }),
    inputs(1000),
  )
})
