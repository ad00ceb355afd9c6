import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DayMark } from '../../../installer/upkeep/day-mark.ts'

/** A store in which something was done then. */
function doneAt(time: string | 'hidden' | 'absent') {
  const found =
    time === 'hidden' || time === 'absent' ? time : { key: 'k', sizeBytes: 0, storedAt: new Date(time) }
  return new DayMark({ put: async () => 'stored' as const, look: async () => found }, 'compacted')
}

for (const [done, now, isDue] of [
  ['absent', '2026-11-24T00:20:00Z', true],
  ['2026-11-23T00:20:00Z', '2026-11-23T23:50:00Z', false],
  ['2026-11-23T23:50:00Z', '2026-11-24T00:09:00Z', false],
  ['2026-11-23T23:50:00Z', '2026-11-24T00:10:00Z', true],
  // Of the day before, by who came late.
  ['2026-11-24T00:05:00Z', '2026-11-24T00:20:00Z', true],
] as const)
  it(`what was done at ${done} is ${isDue ? '' : 'not '}due at ${now}`, async () => {
    assert.equal(await doneAt(done).isDue('_upkeep/_none/', new Date(now)), isDue)
  })

it('where nobody may look, each goes by what it did itself', async () => {
  const mark = doneAt('hidden')
  const [now, later] = [new Date('2026-11-24T00:20:00Z'), new Date('2026-11-25T00:20:00Z')]
  assert.equal(await mark.isDue('_upkeep/_none/', now), true)
  await mark.done('_upkeep/_none/', now)
  assert.deepEqual(
    [await mark.isDue('_upkeep/_none/', now), await mark.isDue('_upkeep/_none/', later)],
    [false, true],
  )
})
