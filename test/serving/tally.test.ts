import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Tally } from '../../serving/tally.ts'

it('Tally knows how many each has, and forgets who has none', () => {
  const tally = new Tally()
  for (const holder of ['ann', 'ben', 'ann']) tally.add(holder)
  assert.deepEqual([tally.of('ann'), tally.of('ben'), tally.of('cem')], [2, 1, 0])
  tally.remove('ben')
  tally.remove('ann')
  assert.deepEqual([tally.total, tally.holders, tally.of('ann')], [1, 1, 1])
})
