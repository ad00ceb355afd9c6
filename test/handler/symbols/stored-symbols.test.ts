import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { crashesAmong } from '../../../crash-index/stored-crash.ts'
import { StoredSymbols } from '../../../handler/symbols/stored-symbols.ts'
import { StoreError } from '../../../storage/errors.ts'
import { openStore } from '../../../storage/open-store.ts'
import { BUILD_ID, OTHER_ID, symbolsOf } from './reported.ts'

const NEVER = new AbortController().signal

it('find() has what was kept below the folder, and placeOf() says where that is', async t => {
  const mountPath = mkdtempSync(path.join(tmpdir(), 'coredog-stored-'))
  t.after(() => rmSync(mountPath, { recursive: true }))
  const store = openStore({ protocol: 'cfs', mountPath, storeDir: 'corefiles' })
  const key = `_symbols/buildid/${BUILD_ID}/debuginfo`
  await store.put(key, [symbolsOf()], symbolsOf().length)
  const source = new StoredSymbols('_symbols', store, 'corefiles')
  const chunks: Uint8Array[] = []
  for await (const chunk of (await source.find(BUILD_ID, NEVER)) ?? []) chunks.push(chunk)
  assert.ok(Buffer.concat(chunks).equals(symbolsOf()))
  for (const none of [OTHER_ID, '', '../../secret']) assert.equal(await source.find(none, NEVER), null)
  assert.deepEqual(source.placeOf(BUILD_ID), {
    url: `cfs://${mountPath}/corefiles/${key}`,
    key: `corefiles/${key}`,
  })
})

it('find() rejects where the store does not let it read', async () => {
  const refused = () => Promise.reject(new StoreError('get', 'x', new Error('AccessDenied')))
  const source = new StoredSymbols('_symbols', { get: refused, location: key => key }, '')
  await assert.rejects(source.find(BUILD_ID, NEVER), StoreError)
})

it('what is kept there is no crash to retention', async () => {
  const storedAt = new Date(0)
  const keys = ['_symbols', 'symbols', 'shop/web-0/app'].map(
    prefix => `${prefix}/buildid/${BUILD_ID}/debuginfo`,
  )
  const listed = (async function* () {
    for (const key of keys) yield { key, sizeBytes: 1, storedAt }
  })()
  for await (const crash of crashesAmong(listed)) assert.fail(crash.folder)
})
