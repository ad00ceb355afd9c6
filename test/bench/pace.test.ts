import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Pace } from '../../bench/pace.ts'

it('bytes wait until they and all before them have passed', () => {
  const pace = new Pace(1000)
  assert.equal(pace.waitMs(100, 0), 100)
  assert.equal(pace.waitMs(100, 50), 150)
})

it('time in which nothing came is not saved up', () => {
  const pace = new Pace(1000)
  pace.waitMs(100, 0)
  assert.equal(pace.waitMs(100, 10_000), 100)
})

it('without an end to its speed nothing waits', () => {
  assert.equal(new Pace(Number.POSITIVE_INFINITY).waitMs(2 ** 40, 7), 0)
})
