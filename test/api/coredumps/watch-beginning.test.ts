import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Position } from '../../../api/coredumps/position.ts'
import { selectionOf } from '../../../api/coredumps/selection.ts'
import { allThereIs } from '../../../api/coredumps/watch-beginning.ts'
import { Gate } from '../../../api/gate.ts'
import { crashes } from './crashes.ts'
import { StoredCrashes } from './stored-crashes.ts'

const user = { name: 'ann', groups: [], extra: {} }
const { signal } = new AbortController()

/** What a watch of namespace `shop` begins with, of a store with so many crashes. */
async function beginning(count: number, lists: Pick<Gate, 'through'>, mostNames?: number) {
  const store = new StoredCrashes()
  for (const entry of crashes(count)) await store.keep(entry)
  const selection = selectionOf({ namespace: 'shop', name: null, query: new URLSearchParams() })
  const watch = { user, signal, selection, visible: async () => true, position: Position.at(new Date()) }
  const outside = { lists, index: store.index, cluster: 'prod', ...(mostNames && { mostNames }) }
  return allThereIs(watch, outside)
}

it('all is told page after page, and lists wait for none of it that is being told', async () => {
  const lists = new Gate({ places: 1, mostWaiting: 0 })
  const told: string[] = []
  for await (const page of await beginning(1203, lists)) {
    told.push(...page.map(({ id }) => id))
    // Nobody is in there, and nobody could wait.
    assert.equal(await lists.through({ user, signal }, async () => page.length <= 500), true)
  }
  assert.equal(new Set(told).size, 1203)
})

it('it waits as a list does', async () => {
  const lists = new Gate({ places: 1, mostWaiting: 0 })
  const end = Promise.withResolvers<void>()
  const list = lists.through({ user, signal }, () => end.promise)
  const pages = await beginning(1, lists)
  await assert.rejects(pages.next(), { code: 429 })
  end.resolve()
  await list
})

it('of too much a client is told to list', async () => {
  const pages = await beginning(1203, new Gate({ places: 1, mostWaiting: 0 }), 600)
  const lengths: number[] = []
  await assert.rejects(
    async () => {
      for await (const page of pages) lengths.push(page.length)
    },
    { code: 410, reason: 'Expired' },
  )
  assert.deepEqual(lengths, [500, 500])
})
