import assert from 'node:assert/strict'
import { it } from 'node:test'
import { median } from '../../bench/median.ts'

it('is the one in the middle, by size', () => {
  assert.equal(median([10, 9, 100]), 10)
})

it('is between the two in the middle', () => {
  assert.equal(median([4, 1, 100, 2]), 3)
})

it('of nothing is an error', () => {
  assert.throws(() => median([]), RangeError)
})
