import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Occasion, storeTime } from '../../../installer/upkeep/occasion.ts'
import { MemoryStore } from '../../api/memory-store.ts'

const DAY_SECONDS = 86_400

it('a day later it is due again, by the clock of the store alone', async () => {
  const store = new MemoryStore()
  const one = new Occasion(store, 'tidied', DAY_SECONDS)
  assert.equal(await one.isDue('_upkeep/_none/', new Date()), true)
  await one.done('_upkeep/_none/')
  const other = new Occasion(store, 'tidied', DAY_SECONDS)
  const doneAt = await storeTime(store, '_upkeep/_none/')
  const isDueAfter = (hours: number) =>
    other.isDue('_upkeep/_none/', new Date(doneAt.getTime() + hours * 3_600_000))
  assert.deepEqual(await Promise.all([0, 22, 23].map(isDueAfter)), [false, false, true])
  assert.equal(await other.isDue('_upkeep/blue/', doneAt), true)
})

it('where nobody may look, each goes by what it did itself', async () => {
  const store = { put: async () => 'stored' as const, look: async () => 'hidden' as const }
  const occasion = new Occasion(store, 'tidied', DAY_SECONDS)
  assert.equal(await occasion.isDue('_upkeep/_none/', await storeTime(store, '_upkeep/_none/')), true)
  await occasion.done('_upkeep/_none/')
  assert.equal(await occasion.isDue('_upkeep/_none/', new Date()), false)
})
