import assert from 'node:assert/strict'
import { it } from 'node:test'
import { smallText } from '../../storage/small-text.ts'
import { TimedStore } from '../groups/timed-store.ts'

it('smallText() is of what is there and not too long', async () => {
  const store = new TimedStore(new Date('2026-11-21T04:30:00Z'))
  assert.equal(await smallText(store, 'a', 4), null)
  await store.put('a', [Buffer.from('fo'), Buffer.from('ur')])
  assert.equal(await smallText(store, 'a', 4), 'four')
  assert.equal(await smallText(store, 'a', 3), '')
  store.failure = new Error('503')
  await assert.rejects(smallText(store, 'a', 4), /503/)
})
