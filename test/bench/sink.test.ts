import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sinkStorage, startSink } from '../../bench/sink.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { openStore } from '../../storage/open-store.ts'

const MIB = 2 ** 20

it('our own store takes it for S3, and it tells of what parts an object was', async () => {
  await using sink = await startSink()
  const { config } = parseConfig(JSON.stringify({ StorageConfig: sinkStorage(sink) }))
  const store = openStore(config.storage)
  const chunks = Array.from({ length: 17 }, () => Buffer.alloc(MIB, 'heap'))
  assert.equal(await store.put('a/core', chunks, 20 * MIB), 'stored')
  await store.put('a/report.json', [Buffer.from('{}')], 2)
  const prefix = config.storage.storeDir === '' ? '' : `${config.storage.storeDir}/`
  assert.deepEqual((await sink.partsOf(`${prefix}a/core`)).toSorted(), [MIB, 8 * MIB, 8 * MIB])
  assert.deepEqual(await sink.partsOf(`${prefix}a/report.json`), [2])
  assert.deepEqual(await sink.partsOf('nothing'), [])
})
