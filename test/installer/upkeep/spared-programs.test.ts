import assert from 'node:assert/strict'
import { it } from 'node:test'
import { entryOfFolder, type IndexEntry, indexedFolder } from '../../../crash/index-entry.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { SparedPrograms } from '../../../installer/upkeep/spared-programs.ts'
import { MemoryStore } from '../../api/memory-store.ts'

const LIMITS = { by: 'coredog', maxAgeSeconds: 3600, maxCount: 0, maxBytes: 0 } as const
const folderOf = (day: number) => `shop/web-0/app/202611${day}T000000Z-app-1-${String(day).padStart(12, '0')}`
const programOf = (day: number) => `_binaries/prod/shop/c0ffee/${String(day).padStart(64, '0')}`

/** Three crashes of one bug, each of another program. */
async function storeOf(): Promise<MemoryStore> {
  const store = new MemoryStore()
  for (const day of [10, 11, 12]) {
    const entry: IndexEntry = {
      ...(entryOfFolder(folderOf(day), 'prod') ?? assert.fail()),
      ...{ group: 'v2:aa', storedBytes: 5 },
    }
    await addNames(store, entry)
    const binaries = [{ sha256: programOf(day).slice(-64), buildId: 'c0ffee' }]
    const report = { schema: 'coredog.io/report/v1', id: entry.id, binaries }
    store.set(`${indexedFolder(entry)}/report.json`, JSON.stringify(report))
  }
  return store
}

it('the programs of the last core of a bug stay, and its report is read once', async () => {
  const store = await storeOf()
  const spared = new SparedPrograms(store, { clusters: ['prod', ''], limits: { ...LIMITS, minOfGroup: 1 } })
  const stays: boolean[] = []
  for (const day of [10, 11, 12]) stays.push(await spared.has('shop', programOf(day)))
  assert.deepEqual(stays, [false, false, true])
  assert.deepEqual(store.asked, [`${folderOf(12)}/report.json`])
  assert.equal(await spared.has('pay', programOf(12)), false)
})

it('where none stays longer than others no report is read', async () => {
  const store = await storeOf()
  const spared = new SparedPrograms(store, { clusters: ['prod'], limits: { ...LIMITS, minOfGroup: 0 } })
  assert.deepEqual([await spared.has('shop', programOf(12)), store.asked], [false, []])
})
