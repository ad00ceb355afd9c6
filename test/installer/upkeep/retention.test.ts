import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { RetentionConfig } from '../../../config/config.ts'
import { entryOfFolder, type IndexEntry, indexedFolder, parseIndexKey } from '../../../crash/index-entry.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { OldestCrashes } from '../../../installer/upkeep/oldest-crashes.ts'
import { finishBatch, RemovalBatches } from '../../../installer/upkeep/removal-batches.ts'
import { applyRetention } from '../../../installer/upkeep/retention.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T00:00:00Z')
const OFF: RetentionConfig = { by: 'coredog', maxAgeSeconds: 0, maxCount: 0, maxBytes: 0, minOfGroup: 0 }
const DAY_SECONDS = 86_400
const JOURNAL = '_upkeep/prod/removal.json'
const UNENDED = new AbortController().signal

function folderOf(namespace: string, day: number, pod = 'web-0'): string {
  return `${namespace}/${pod}/app/202611${String(day).padStart(2, '0')}T000000Z-app-${day}-0123456789ab`
}

async function put(store: ObjectStore, key: string, bytes = 10): Promise<void> {
  await store.put(key, [Buffer.alloc(bytes)], bytes)
}

interface Kept {
  readonly core?: string | null
  readonly cluster?: string
  readonly group?: string | null
}

/** A crash of 100 bytes, with its names. */
async function keep(store: ObjectStore, folder: string, kept: Kept = {}): Promise<void> {
  const { core = 'core.gz', cluster = 'prod', group = null } = kept
  if (core !== null) await put(store, `${folder}/${core}`, 100)
  await put(store, `${folder}/report.json`)
  const entry = entryOfFolder(folder, cluster) ?? assert.fail()
  await addNames(store, { ...entry, group, storedBytes: core === null ? 0 : 100 })
}

async function keysIn(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}

/** Folders of crashes of which there is anything, and those that the index has, which are the same. */
async function foldersIn(store: ObjectStore): Promise<readonly string[]> {
  const keys = await keysIn(store)
  const crashes = new Set(keys.filter(key => !key.startsWith('_index/')).map(key => path.posix.dirname(key)))
  const named = new Set(keys.flatMap(key => parseIndexKey(key) ?? []).map(indexedFolder))
  assert.deepEqual([...named].toSorted(), [...crashes].toSorted())
  return [...crashes]
}

async function apply(
  store: ObjectStore,
  limits: Partial<RetentionConfig>,
  clusters: readonly string[] = ['prod', ''],
) {
  const { log, lines } = openLogLines()
  const removal = new RemovalBatches(store, JOURNAL, UNENDED)
  const oldest = new OldestCrashes()
  const retaining = {
    clusters,
    limits: { ...OFF, ...limits },
    removal,
    oldest,
    now: NOW,
    signal: UNENDED,
    log,
  }
  await applyRetention(store, retaining)
  assert.equal(await store.look(JOURNAL), 'absent')
  return { lines, oldest }
}

const stores = {
  S3: async (t: TestContext) => {
    const s3 = await startFakeS3({ pageSize: 3 })
    t.after(() => s3[Symbol.asyncDispose]())
    return s3StoreOf(s3)
  },
  'a mounted file system': async (t: TestContext) =>
    new FileStore({ protocol: 'cfs', mountPath: temporaryFolder(t), storeDir: 'corefiles' }),
}

for (const [name, open] of Object.entries(stores)) {
  describe(`applyRetention() at ${name}`, () => {
    it('removes the oldest of each namespace, across its pods, and what was kept of them', async t => {
      const store = await open(t)
      await keep(store, folderOf('shop', 1))
      await put(store, `${folderOf('shop', 1)}/log.txt`)
      await keep(store, folderOf('shop', 2, 'api-0'), { core: 'core.zst' })
      await keep(store, folderOf('shop', 3), { core: null })
      await keep(store, folderOf('shop-2', 1), { core: 'core' })
      await keep(store, '_host/node-1/20261101T000000Z-app-1-0123456789ab')
      await keep(store, '_host/node-2/20261102T000000Z-app-1-0123456789ab')
      const { lines, oldest } = await apply(store, { maxCount: 1 })
      assert.deepEqual(await foldersIn(store), [
        '_host/node-2/20261102T000000Z-app-1-0123456789ab',
        folderOf('shop-2', 1),
        folderOf('shop', 3),
      ])
      assert.deepEqual(
        lines.map(({ msg, removed, bytes, maxCount }) => [msg, removed, bytes, maxCount]),
        [['old crashes removed', 3, 300, 1]],
      )
      assert.equal(oldest.of('shop'), Date.parse('2026-11-01T00:00:00Z'))
    })

    it('removes what is older, and of the rest what is over a size', async t => {
      const store = await open(t)
      for (let day = 1; day <= 9; day += 1) await keep(store, folderOf('shop', day))
      await apply(store, { maxAgeSeconds: 15 * DAY_SECONDS, maxBytes: 350 })
      assert.deepEqual(
        await foldersIn(store),
        [7, 8, 9].map(day => folderOf('shop', day)),
      )
      await apply(store, { maxAgeSeconds: 13 * DAY_SECONDS, maxBytes: 350 })
      assert.deepEqual(
        await foldersIn(store),
        [8, 9].map(day => folderOf('shop', day)),
      )
    })

    it('leaves the crashes of another cluster in the same folder, which do not count', async t => {
      const store = await open(t)
      await keep(store, folderOf('shop', 1), { cluster: 'us-1' })
      await keep(store, folderOf('shop', 2), { cluster: 'eu-1' })
      await keep(store, folderOf('shop', 3), { cluster: '3f2a9c01' })
      await keep(store, folderOf('shop', 4), { cluster: '' })
      await keep(store, folderOf('shop', 5), { cluster: 'us-1' })
      await apply(store, { maxCount: 1 }, ['eu-1', '3f2a9c01', ''])
      assert.deepEqual(
        await foldersIn(store),
        [1, 4, 5].map(day => folderOf('shop', day)),
      )
    })

    it('removes nothing that is not ours', async t => {
      const store = await open(t)
      const foreign = [
        'shop/web-0/app/20261101T000000Z-app-1/core.gz',
        'shop/web-0/app/2020/core.gz',
        'shop/core.gz',
        `${folderOf('shop', 1)}/analysis.txt`,
        `${folderOf('shop', 1)}/more/core.gz`,
        '_binaries/prod/shop/_none/x',
        '_index/namespace/prod/shop/x',
      ]
      for (const key of foreign) await put(store, key)
      await keep(store, folderOf('shop', 1))
      await keep(store, folderOf('shop', 2))
      await apply(store, { maxAgeSeconds: 3600 })
      assert.deepEqual((await keysIn(store)).toSorted(), foreign.toSorted())
    })

    it('of each bug the last core stays, whatever its age', async t => {
      const store = await open(t)
      for (const [day, group] of [
        [1, 'v2:aa'],
        [2, 'v2:bb'],
        [3, 'v2:aa'],
        [4, null],
        [5, 'v2:cc'],
      ] as const)
        await keep(store, folderOf('shop', day), { group, core: day === 5 ? null : 'core.gz' })
      const { oldest } = await apply(store, { maxAgeSeconds: 3600, minOfGroup: 1 })
      assert.deepEqual(
        await foldersIn(store),
        [2, 3].map(day => folderOf('shop', day)),
      )
      assert.equal(oldest.of('shop'), Date.parse('2026-11-01T00:00:00Z'))
      await apply(store, { maxAgeSeconds: 3600, minOfGroup: 0 })
      assert.deepEqual(await foldersIn(store), [])
    })

    it('a bug that crashes often pushes none out that crashes rarely', async t => {
      const store = await open(t)
      await keep(store, folderOf('shop', 1), { group: 'v2:aa' })
      for (let day = 2; day <= 9; day += 1) await keep(store, folderOf('shop', day), { group: 'v2:bb' })
      await apply(store, { maxBytes: 300, minOfGroup: 1 })
      assert.deepEqual(
        await foldersIn(store),
        [1, 8, 9].map(day => folderOf('shop', day)),
      )
    })

    it('all names of a crash go with it, also where it has two', async t => {
      const store = await open(t)
      const [old, young] = [folderOf('shop', 1), folderOf('shop', 20)]
      for (const folder of [old, young]) {
        await keep(store, folder)
        const entry = entryOfFolder(folder, 'prod') ?? assert.fail()
        // A handler that was killed knew less of it; and one that ran before the cluster was known.
        await addNames(store, { ...entry, signal: 11 })
        await addNames(store, { ...entry, cluster: '_none' })
      }
      await apply(store, { maxAgeSeconds: 2 * DAY_SECONDS })
      const left = await keysIn(store)
      const named = left.flatMap(key => parseIndexKey(key) ?? [])
      assert.deepEqual([new Set(named.map(indexedFolder)), named.length], [new Set([young]), 6])
    })

    it('asks the store nothing without a limit', async t => {
      const { lines } = await apply(Object.assign(await open(t), { list: () => assert.fail('listed') }), OFF)
      assert.deepEqual(lines, [])
    })
  })
}

it('a mounted file system keeps no folder of a crash, and those above it', async t => {
  const mountPath = temporaryFolder(t)
  const store = new FileStore({ protocol: 'cfs', mountPath, storeDir: '' })
  await keep(store, folderOf('shop', 1))
  await apply(store, { maxAgeSeconds: 3600 })
  assert.deepEqual(readdirSync(path.join(mountPath, 'shop'), { recursive: true }), ['web-0', 'web-0/app'])
})

it('a large cluster is tidied in one round, a thousand objects in a request, and a crash is not listed', async () => {
  await using s3 = await startFakeS3({ pageSize: 1000 })
  const store = s3StoreOf(s3)
  const base = entryOfFolder(folderOf('shop', 1), 'prod') ?? assert.fail()
  const entryOf = (at: number): IndexEntry => ({ ...base, id: String(at).padStart(12, '0') })
  const bucket = s3.bucket()
  const names = {
    put: async (key: string) => {
      bucket.put(`corefiles/${key}`, Buffer.alloc(0), '')
      return 'stored' as const
    },
  }
  for (let at = 0; at < 1500; at += 1) {
    bucket.put(`corefiles/${indexedFolder(entryOf(at))}/report.json`, Buffer.from('{}'), '')
    await addNames(names, entryOf(at))
  }
  await apply(store, { maxAgeSeconds: 3600 })
  assert.deepEqual(bucket.keys(), [])
  const asked = Object.groupBy(s3.requests, ({ operation }) => operation)
  // Two listings of two pages, each with one of names without a cluster; 142 crashes of seven keys go in a request, and one is written down before it.
  assert.deepEqual(
    [asked.ListObjectsV2?.length, asked.DeleteObjects?.length, asked.PutObject?.length],
    [6, 11, 11],
  )
})

it('a removal that was interrupted is finished by whoever comes next, whatever the limits are by then', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  for (const day of [1, 2, 20]) await keep(store, folderOf('shop', day))
  // A store without batches: it is killed between two objects of a crash.
  s3.fail('DeleteObjects', faults.refuse(501, 'NotImplemented'))
  s3.fail('DeleteObject', faults.refuse(403, 'AccessDenied'), { after: 8 })
  await assert.rejects(apply(store, { maxAgeSeconds: 2 * DAY_SECONDS }), /AccessDenied|refuse/)
  assert.notEqual(await store.look(JOURNAL), 'absent')
  const other = s3StoreOf(s3)
  await finishBatch(other, JOURNAL)
  assert.equal(await store.look(JOURNAL), 'absent')
  assert.deepEqual(await foldersIn(other), [folderOf('shop', 20)])
})

it('nothing is removed that could not be written down first', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  await keep(store, folderOf('shop', 1))
  s3.fail('PutObject', faults.refuse(403, 'AccessDenied'))
  await assert.rejects(apply(store, { maxAgeSeconds: 3600 }))
  assert.deepEqual(await foldersIn(s3StoreOf(s3)), [folderOf('shop', 1)])
})
