import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { cycleIn, withoutRepeats } from '../../../crash/why/recursion.ts'
import { inputs } from '../../inputs.ts'

it('cycleIn() finds what repeats to the end, behind what does not', () => {
  assert.deepEqual(cycleIn([...'aaaaaa']), ['a'])
  assert.deepEqual(cycleIn([...'xybcabcabcab']), [...'abc'])
  assert.equal(cycleIn([...'abcabc']), null)
  assert.equal(cycleIn([...'abcdefgh']), null)
  assert.equal(cycleIn([]), null)
})

it('cycleIn() is the same wherever in the cycle a stack begins', () => {
  const functions = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(functions, fc.nat(100), fc.nat(100), (cycle, one, other) => {
      const stack = (from: number) =>
        Array.from({ length: 64 }, (_, at) => cycle[(from + at) % cycle.length]!)
      assert.deepEqual(cycleIn(stack(one)), cycleIn(stack(other)))
    }),
    inputs(200),
  )
})

it('withoutRepeats() does not say how deep a recursion was', () => {
  const stack = (depth: number) => ['leaf', ...Array(depth).fill(['visit', 'each']).flat(), 'main']
  for (const depth of [1, 2, 7, 50]) assert.deepEqual(withoutRepeats(stack(depth)), stack(1))
  assert.deepEqual(withoutRepeats([...'aabbbc']), [...'abc'])
})
