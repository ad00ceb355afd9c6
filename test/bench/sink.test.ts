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

it('a slow one takes its time, and a list of it is empty', async () => {
  await using sink = await startSink({ bytesPerSecond: 2 * MIB, latencyMs: 1 })
  const { config } = parseConfig(JSON.stringify({ StorageConfig: sinkStorage(sink) }))
  const store = openStore(config.storage)
  const begun = performance.now()
  assert.equal(await store.put('a/core', [Buffer.alloc(MIB, 'heap')], MIB), 'stored')
  // No less than what the speed makes of it: what a machine has to do besides only adds to that.
  assert.ok(performance.now() - begun > 400)
  for await (const found of store.list('a/')) assert.fail(String(found))
})
