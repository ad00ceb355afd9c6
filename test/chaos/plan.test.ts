import assert from 'node:assert/strict'
import { it } from 'node:test'
import { planTrial } from './plan.ts'

it('Of the trials of any short run, some kill a handler that waits for its place', () => {
  for (const seed of ['gate', 'a', 'b']) {
    const plans = Array.from({ length: 16 }, (_, at) => planTrial(seed, at + 1, 'fake'))
    const waiting = plans.filter(({ crashes }) => crashes.some(({ kill }) => kill?.at === 'waiting'))
    assert.equal(waiting.length, 2)
    assert.ok(waiting.every(({ placesAreHeld }) => placesAreHeld))
  }
})

it('Of the trials of any short run, some take away what is lent, of cores that are longer, and some lend nothing', () => {
  for (const seed of ['gate', 'a', 'b']) {
    const plans = Array.from({ length: 16 }, (_, at) => planTrial(seed, at + 1, 'fake'))
    const taken = plans.filter(({ lending }) => lending.isTakenAway)
    assert.equal(taken.length, 2)
    for (const { crashes } of taken)
      for (const { memoryBytes } of crashes) assert.ok(memoryBytes > 32 * 2 ** 20)
    assert.ok(plans.some(({ lending }) => lending.readAhead === '0'))
  }
})
