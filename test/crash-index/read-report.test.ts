import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { it } from 'node:test'
import { entryOfFolder, type IndexEntry } from '../../crash/index-entry.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { StoreError } from '../../storage/errors.ts'
import { storeIn } from '../../storage/open-store.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const FOLDER = 'shop/checkout/app/20261121T042117Z-worker-4242-3f2a9c01d4e5'
const ENTRY = entryOfFolder(FOLDER, 'prod') as IndexEntry
const REPORT = { schema: 'coredog.io/report/v1', id: '3f2a9c01d4e5', crash: { reason: 'a null pointer' } }

for (const [name, text, wanted] of [
  ['is read', JSON.stringify(REPORT), REPORT],
  ['of another crash counts as none', JSON.stringify({ ...REPORT, id: '000000000000' }), null],
  ['that is no JSON counts as none', '<html>', null],
  ['that is empty counts as none', '', null],
  [
    'that is longer than 1 MiB counts as none',
    JSON.stringify({ ...REPORT, padding: 'x'.repeat(2 ** 20) }),
    null,
  ],
] as const) {
  it(`a report ${name}`, async t => {
    const store = storeIn(temporaryFolder(t))
    await store.put(`${FOLDER}/report.json`, [Buffer.from(text)], 2 ** 22)
    assert.deepEqual(await readReport(store, ENTRY), wanted)
  })
}

it('a report that is not there counts as none, and a store that fails does not', async t => {
  const folder = temporaryFolder(t)
  const store = storeIn(folder)
  assert.equal(await readReport(store, ENTRY), null)
  await rm(folder, { recursive: true })
  await assert.rejects(readReport(store, ENTRY), StoreError)
})
