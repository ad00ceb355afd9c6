import assert from 'node:assert/strict'
import { it } from 'node:test'
import { entryOfFolder, namespaceIndexKey } from '../../../crash/index-entry.ts'
import { finishBatch, RemovalBatches } from '../../../installer/upkeep/removal-batches.ts'
import { MemoryStore } from '../../api/memory-store.ts'

const JOURNAL = '_upkeep/_none/removal.json'
const FOLDER = 'shop/web-0/app/20261101T000000Z-app-1-0123456789ab'

function storeOf() {
  const removed: string[] = []
  const store = Object.assign(new MemoryStore(), {
    removeAll: async (keys: readonly string[]) => void removed.push(...keys),
  })
  return { store, removed }
}

for (const text of ['', '{', 'null', '[]', '{"keys":"x"}', '{"keys":[7,null]}'])
  it(`a journal that says ${JSON.stringify(text)} removes nothing, and goes`, async () => {
    const { store, removed } = storeOf()
    store.set(JOURNAL, text)
    await finishBatch(store, JOURNAL)
    assert.deepEqual([removed, store.objects.size], [[], 0])
  })

it('whatever a journal says, nothing goes but what is of a crash', async () => {
  const { store, removed } = storeOf()
  const entry = entryOfFolder(FOLDER, 'prod') ?? assert.fail()
  const ours = [`${FOLDER}/core.gz`, `${FOLDER}/report.json`, namespaceIndexKey(entry)]
  const foreign = [
    '_binaries/prod/shop/_none/x',
    '../x',
    `${FOLDER}/../../core.gz`,
    `${FOLDER}/analysis.txt`,
    '_index/x',
    '_groups/prod/shop/x',
    'shop/core.gz',
  ]
  store.set(JOURNAL, JSON.stringify({ version: 1, keys: [...foreign, ...ours] }))
  await finishBatch(store, JOURNAL)
  assert.deepEqual(removed, ours)
})

it('what another version began is left to it, and nothing else is removed meanwhile', async () => {
  const { store, removed } = storeOf()
  store.set(JOURNAL, JSON.stringify({ version: 2, keys: [`${FOLDER}/core.gz`] }))
  await assert.rejects(finishBatch(store, JOURNAL), /left alone/)
  assert.deepEqual([removed, store.objects.size], [[], 1])
})

it('without a journal there is nothing to finish', async () => {
  const { store, removed } = storeOf()
  await finishBatch(store, JOURNAL)
  assert.deepEqual(removed, [])
})

it('who has lost the Lease removes no more', async () => {
  const { store, removed } = storeOf()
  const lost = new AbortController()
  const batches = new RemovalBatches(store, JOURNAL, lost.signal)
  await batches.add([`${FOLDER}/core.gz`])
  lost.abort(new Error('lost'))
  await assert.rejects(batches.end(), /lost/)
  assert.deepEqual(removed, [])
})
