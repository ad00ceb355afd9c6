import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { fingerprintOf, signalClass } from '../../../crash/why/fingerprint.ts'
import type { StackFrame } from '../../../crash/why/stack-frame.ts'
import { inputs } from '../../inputs.ts'
import { anyFrame, reasons } from './any-frame.ts'
import { ownFrame as frame, throughUnpacked } from './own-frame.ts'
import { STACKS } from './recorded-stack.ts'

const CRASHED = { workload: 'Deployment/shop/checkout', container: 'app', signal: 6 }
const both = (frames: readonly StackFrame[], changes = {}) =>
  fingerprintOf({ ...CRASHED, ...changes }, frames)

/** What of Go ends in no code of the program. */
const WITHOUT = ['go dead', 'go overflow']
const KNOWN = [...STACKS].filter(([name]) => !WITHOUT.includes(name))

it('fingerprintOf() tells all real crashes apart', () => {
  const stacks = KNOWN.map(([, frames]) => frames)
  assert.equal(new Set(stacks.map(frames => both(frames)?.fingerprint)).size, stacks.length)
})

it('fingerprintOf() has a group for each real crash, but for the same in one function', () => {
  const groups = new Map(KNOWN.map(([name, frames]) => [name, both(frames)!.group]))
  // The compiler made one function of both.
  assert.equal(groups.get('go nil'), groups.get('go gen'))
  assert.equal(new Set(groups.values()).size, groups.size - 1)
})

it('fingerprintOf() is null where no code of the program is', () => {
  for (const name of WITHOUT) assert.equal(both(STACKS.get(name)!), null)
  assert.equal(both([]), null)
  const unknown = STACKS.get('cpp at')!.map(frame => ({ ...frame, functionName: null, buildId: null }))
  assert.equal(both(unknown), null)
})

/** The same program, built anew: other offsets, build ids, hashes and numbers. */
const rebuilt = (frames: readonly StackFrame[]) =>
  frames.map(frame => ({
    ...frame,
    buildId: 'another',
    offset: frame.offset + 0x100n,
    functionName:
      frame.functionName?.replace(/::h[0-9a-f]{16}$/, '::h0123456789abcdef').replace(/\.func\d/, '.func9') ??
      null,
  }))

it('fingerprintOf() has the same group over builds, and another fingerprint', () => {
  for (const [name, frames] of KNOWN) {
    assert.equal(both(rebuilt(frames))?.group, both(frames)?.group, name)
    assert.notEqual(both(rebuilt(frames))?.fingerprint, both(frames)?.fingerprint, name)
  }
})

it('fingerprintOf() of a stripped program is of one build, and tells its bugs apart', () => {
  const stripped = (name: string) => STACKS.get(name)!.map(frame => ({ ...frame, functionName: null }))
  const [at, pure] = [both(stripped('cpp at'))!, both(stripped('cpp pure'))!]
  assert.notEqual(at.fingerprint, pure.fingerprint)
  assert.notEqual(at.group, pure.group)
})

it('fingerprintOf() is of a workload, a container, and a class of signals', () => {
  const frames = STACKS.get('cpp at')!
  const others = [{ workload: 'DaemonSet/shop/agent' }, { container: 'sidecar' }, { signal: 11 }]
  for (const other of others) assert.notDeepEqual(both(frames, other), both(frames))
  // Of the first process of a container.
  assert.deepEqual(both(frames, { signal: 11, reason: 'abort' }), both(frames))
})

it('signalClass() has one for signals that one bug may end by', () => {
  assert.equal(signalClass(11), signalClass(7))
  assert.equal(signalClass(4), signalClass(5))
  assert.equal(new Set([3, 4, 6, 8, 11, 24].map(signal => signalClass(signal))).size, 6)
})

it('fingerprintOf() tells two bugs in one function apart, within a build by where, else by what it called', () => {
  const [free, assertion] = ['free', '__assert_fail'].map(called => [frame(called), frame('main')])
  assert.notEqual(both(free!)?.group, both(assertion!)?.group)
  const [here, there] = [1n, 2n].map(offset => [frame('main', { offset })])
  assert.notEqual(both(here!)?.fingerprint, both(there!)?.fingerprint)
  assert.equal(both(here!)?.group, both(there!)?.group)
})

it('fingerprintOf() tells two bugs apart of which an optimiser left one function, by where that was called', () => {
  const calledAt = (offset: bigint) => both([frame('read'), frame('bug', { offset })])!
  assert.notEqual(calledAt(0x10n).fingerprint, calledAt(0x20n).fingerprint)
  assert.equal(calledAt(0x10n).group, calledAt(0x20n).group)
})

it('fingerprintOf() is the same on processors for which libc has other functions', () => {
  const stack = (called: string | null) => [
    frame(called ?? '', { functionName: called, module: '/lib/libc.so.6', buildId: 'libc' }),
    frame('main'),
  ]
  for (const called of ['__strlen_avx2', '__strlen_sse2', null])
    assert.deepEqual(both(stack(called)), both(stack('__strlen_evex')))
})

it('fingerprintOf() does not depend on where a library was unpacked to, or on code that lies in no file', () => {
  assert.deepEqual(both(throughUnpacked('/tmp/1')), both(throughUnpacked('/tmp/another')))
})

it('fingerprintOf() takes guessed frames only where there are no others', () => {
  const guessed = (name: string) => frame(name, { trust: 'scan' })
  assert.deepEqual(both([frame('a'), guessed('x')]), both([frame('a'), guessed('y')]))
  assert.notDeepEqual(both([guessed('x')]), both([guessed('y')]))
})

it('fingerprintOf() tells two aborts of a program apart that has its libc within, without call frame information', () => {
  // As of musl, with names and stripped of them.
  for (const nameless of [{}, { functionName: null }]) {
    const aborted = (by: string, offset: bigint) => [
      frame('__restore_sigs', { ...nameless, trust: 'context', offset: 1n }),
      frame('raise', { ...nameless, trust: 'scan', offset: 2n }),
      frame('abort', { ...nameless, trust: 'scan', offset: 3n }),
      frame(by, { ...nameless, trust: 'scan', offset }),
      frame('main', { ...nameless, offset: 5n }),
    ]
    const [one, other] = [aborted('check_balance', 4n), aborted('on_signal', 6n)]
    assert.notDeepEqual(both(one, { reason: 'abort' }), both(other, { reason: 'abort' }))
  }
})

it('fingerprintOf() of a full stack is the same wherever the recursion was', () => {
  const functions = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(functions, fc.nat(20), fc.nat(20), (names, one, other) => {
      const stack = (from: number) =>
        Array.from({ length: 64 }, (_, at) => frame(names[(from + at) % names.length]!))
      const [here, there] = [stack(one), [frame('leaf'), ...stack(other)]]
      assert.deepEqual(both(here, { reason: 'stack-overflow' }), both(there, { reason: 'stack-overflow' }))
    }),
    inputs(200),
  )
})

const handled = (cause: string) => [
  frame('raise', { module: '/lib/libc.so.6' }),
  frame('write_report'),
  frame('on_signal'),
  frame('__restore_rt', { module: '/lib/libc.so.6' }),
  frame(cause, { trust: 'context' }),
  frame('main'),
]

it('fingerprintOf() of a signal that its handler raised again is that of what went wrong', () => {
  const plainly = [frame('divide', { trust: 'context' }), frame('main')]
  const raised = { signal: 8, reason: 'raised' as const }
  assert.deepEqual(both(handled('divide'), raised), both(plainly, { signal: 8, reason: 'division-by-zero' }))
  assert.notDeepEqual(both(handled('another'), raised), both(handled('divide'), raised))
})

it('fingerprintOf() is null of a process that was killed, wherever it was', () => {
  for (const reason of ['killed', 'timer', 'cpu-limit'] as const)
    assert.equal(both(handled('main'), { reason }), null)
})

it('fingerprintOf() takes what was inlined into the first frame for no signal', () => {
  const inlined = [frame('a', { trust: 'context' }), frame('b', { trust: 'context' }), frame('main')]
  assert.notDeepEqual(both(inlined, { reason: 'raised' }), both(inlined.slice(1), { reason: 'raised' }))
  assert.deepEqual(both(inlined, { reason: 'null-pointer' }), both(inlined))
})

it('fingerprintOf() of a handler that crashed does not depend on what it interrupted', () => {
  const reason = 'null-pointer' as const
  assert.deepEqual(both(handled('here'), { reason }), both(handled('there'), { reason }))
})

it('fingerprintOf() of any frames has hashes, or is null', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 40 }), fc.option(reasons), (frames, given) => {
      const reason = given ?? undefined
      const found = both(frames, reason && { reason })
      if (found === null) return
      for (const hash of [found.fingerprint, found.group]) assert.match(hash, /^v2:[0-9a-f]{16}$/)
      assert.deepEqual(both(frames, reason && { reason }), found)
    }),
    inputs(1000),
  )
})
