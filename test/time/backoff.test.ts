import assert from 'node:assert/strict'
import { it } from 'node:test'
import { backoff } from '../../time/backoff.ts'

it('a pause doubles with each failure in a row, up to the longest', () => {
  const pauses = [1, 2, 3, 4, 5].map(failures => backoff({ first: 5, longest: 30 }, failures))
  assert.deepEqual(pauses, [5, 10, 20, 30, 30])
})

it('another factor makes it grow faster', () => {
  const pauses = [1, 2, 3].map(failures => backoff({ first: 100, longest: Infinity, factor: 4 }, failures))
  assert.deepEqual(pauses, [100, 400, 1600])
})

it('after thousands of failures the pause is the longest still', () => {
  assert.equal(backoff({ first: 1, longest: 30 }, 100_000), 30)
})
