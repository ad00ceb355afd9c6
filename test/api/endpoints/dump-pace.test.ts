import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DumpPace } from '../../../api/endpoints/dump-pace.ts'

it('DumpPace goes by what a user had last, as long as that says something', () => {
  let now = 0
  const pace = new DumpPace(100, () => now)
  assert.equal(pace.seconds('ann', 1000), 10)
  pace.measured('ann', 1000, 1)
  assert.equal(pace.seconds('ann', 1000), 10)
  pace.measured('ann', 100, 10)
  assert.equal(pace.seconds('ann', 1000), 100)
  assert.equal(pace.seconds('ben', 1000), 10)
  now += 600_000
  assert.equal(pace.seconds('ann', 1000), 10)
})
