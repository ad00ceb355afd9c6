import assert from 'node:assert/strict'
import { it } from 'node:test'
import { notifyPauseSeconds } from '../../../installer/groups/notify-pause.ts'

const DAY_SECONDS = 86_400

it('groups are looked at every half minute', () => {
  assert.deepEqual([0, 1, 17_000].map(notifyPauseSeconds), [30, 30, 30])
})

it('many groups are looked at ever more rarely, for $0.25 a day at the most', () => {
  for (const names of [18_000, 200_000, 5_000_000]) {
    const lists = (DAY_SECONDS / notifyPauseSeconds(names)) * Math.ceil(names / 1000)
    assert.ok(lists <= 50_001 && lists > 49_000, `${lists}`)
  }
})
