import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { RetentionConfig } from '../../../config/config.ts'
import { entryOfFolder, indexedFolder, parseIndexKey } from '../../../crash/index-entry.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { foreignTo } from '../../../installer/upkeep/foreign-crash.ts'
import { finishRemoval } from '../../../installer/upkeep/removal.ts'
import { applyRetention } from '../../../installer/upkeep/retention.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T00:00:00Z')
const OFF: RetentionConfig = { maxAgeSeconds: 0, maxCount: 0, maxBytes: 0 }

function folderOf(namespace: string, day: number, pod = 'web-0'): string {
  return `${namespace}/${pod}/app/202611${String(day).padStart(2, '0')}T000000Z-app-${day}-0123456789ab`
}

async function put(store: ObjectStore, key: string, bytes = 10): Promise<void> {
  await store.put(key, [Buffer.alloc(bytes)], bytes)
}

async function keep(store: ObjectStore, folder: string, core: string | null = 'core.gz'): Promise<void> {
  if (core !== null) await put(store, `${folder}/${core}`, 100)
  await put(store, `${folder}/report.json`)
}

async function keysIn(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}

/** Applies it with a journal of its own, and gives what it said. */
async function apply(
  t: TestContext,
  store: ObjectStore,
  limits: Partial<RetentionConfig>,
  mostInARound = 1000,
  names: readonly string[] = [],
) {
  const { log, lines } = openLogLines()
  const journal = path.join(temporaryFolder(t), 'removal.json')
  const retaining = { journal, now: NOW, log, mostInARound, ofOthers: foreignTo(names, store) }
  const isMore = await applyRetention(store, { ...OFF, ...limits }, retaining)
  assert.equal(existsSync(journal), false)
  return { isMore, lines }
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
    it('leaves the crashes of another cluster in the same folder, and says so', async t => {
      const store = await open(t)
      const of = async (day: number, report: unknown) => {
        const bytes = Buffer.from(typeof report === 'string' ? report : JSON.stringify(report))
        await store.put(`${folderOf('shop', day)}/report.json`, [bytes], bytes.length)
      }
      await of(1, { node: { cluster: 'us-1' } })
      await of(2, { node: { cluster: 'eu-1' } })
      await of(3, { node: { cluster: '3f2a9c01' } })
      await of(4, { node: { name: 'n' } })
      await of(5, 'no JSON')
      await put(store, `${folderOf('shop', 6)}/core.gz`)
      const { lines } = await apply(t, store, { maxAgeSeconds: 1 }, 1000, ['eu-1', '3f2a9c01'])
      assert.deepEqual(await keysIn(store), [`${folderOf('shop', 1)}/report.json`])
      assert.deepEqual(
        lines.map(({ msg, crashes, removed }) => [msg, crashes ?? removed]),
        [
          ['crashes of another cluster left alone', 1],
          ['old crashes removed', 5],
        ],
      )
    })

    it('removes the oldest of each namespace, across its pods, and what was kept of them', async t => {
      const store = await open(t)
      await keep(store, folderOf('shop', 1))
      await put(store, `${folderOf('shop', 1)}/log.txt`)
      await keep(store, folderOf('shop', 2, 'api-0'), 'core.zst')
      await keep(store, folderOf('shop', 3), null)
      await keep(store, folderOf('shop-2', 1), 'core')
      await keep(store, '_host/node-1/20261101T000000Z-app-1-0123456789ab')
      await keep(store, '_host/node-2/20261102T000000Z-app-1-0123456789ab')
      const { isMore, lines } = await apply(t, store, { maxCount: 1 })
      assert.equal(isMore, false)
      assert.deepEqual(await keysIn(store), [
        '_host/node-2/20261102T000000Z-app-1-0123456789ab/core.gz',
        '_host/node-2/20261102T000000Z-app-1-0123456789ab/report.json',
        `${folderOf('shop-2', 1)}/core`,
        `${folderOf('shop-2', 1)}/report.json`,
        `${folderOf('shop', 3)}/report.json`,
      ])
      assert.deepEqual(
        lines.map(({ msg, removed, bytes, maxCount }) => [msg, removed, bytes, maxCount]),
        [['old crashes removed', 3, 340, 1]],
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
      ]
      for (const key of foreign) await put(store, key)
      await keep(store, folderOf('shop', 1))
      await keep(store, folderOf('shop', 2))
      await apply(t, store, { maxAgeSeconds: 3600 })
      assert.deepEqual((await keysIn(store)).toSorted(), foreign.toSorted())
    })

    it('removes so many in a round, and says that there are more', async t => {
      const store = await open(t)
      for (let day = 1; day <= 5; day += 1) await keep(store, folderOf('shop', day))
      assert.equal((await apply(t, store, { maxAgeSeconds: 3600 }, 2)).isMore, true)
      assert.deepEqual(
        (await keysIn(store)).map(key => key.split('/')[3]),
        [3, 3, 4, 4, 5, 5].map(day => folderOf('shop', day).split('/')[3]),
      )
      assert.equal((await apply(t, store, { maxAgeSeconds: 3600 }, 4)).isMore, false)
      assert.deepEqual(await keysIn(store), [])
    })

    it('removes so many of all namespaces together', async t => {
      const store = await open(t)
      for (const day of [1, 2])
        for (const namespace of ['pay', 'shop']) await keep(store, folderOf(namespace, day))
      await apply(t, store, { maxAgeSeconds: 3600 }, 3)
      assert.equal((await keysIn(store)).length, 2)
    })

    it('counts no crash of which only what others added is left', async t => {
      const store = await open(t)
      for (const day of [2, 3]) await put(store, `${folderOf('shop', day)}/analysis.txt`)
      await keep(store, folderOf('shop', 1))
      await apply(t, store, { maxCount: 1, maxBytes: 115 })
      assert.equal((await keysIn(store)).length, 4)
    })

    it('asks the store nothing without a limit', async t => {
      const store = await open(t)
      const unasked = { list: () => assert.fail('listed'), remove: store.remove.bind(store) }
      const { log } = openLogLines()
      const journal = path.join(temporaryFolder(t), 'removal.json')
      assert.equal(await applyRetention(unasked, OFF, { journal, now: NOW, log }), false)
    })
  })
}

it('applyRetention() leaves no folder of a crash in a mounted file system, and those above it', async t => {
  const mountPath = temporaryFolder(t)
  const store = new FileStore({ protocol: 'cfs', mountPath, storeDir: '' })
  await keep(store, folderOf('shop', 1))
  await apply(t, store, { maxAgeSeconds: 3600 })
  assert.deepEqual(readdirSync(mountPath, { recursive: true }), ['shop', 'shop/web-0', 'shop/web-0/app'])
})

it('a removal that was interrupted is finished: the core goes first, the report last', async t => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  const folder = folderOf('shop', 1)
  await keep(store, folder)
  s3.fail('DeleteObject', faults.refuse(403, 'AccessDenied'), { after: 1 })
  const journal = path.join(temporaryFolder(t), 'removal.json')
  const limits = { ...OFF, maxAgeSeconds: 3600 }
  const { log } = openLogLines()
  await assert.rejects(applyRetention(store, limits, { journal, now: NOW, log }), /AccessDenied|refuse/)
  assert.deepEqual(await keysIn(store), [`${folder}/report.json`])
  await finishRemoval(store, journal)
  assert.deepEqual(await keysIn(store), [])
  assert.equal(existsSync(journal), false)
})

it('a crash that is removed is in the index no more, and its neighbour is', async t => {
  for (const open of Object.values(stores)) {
    const store = await open(t)
    const [old, young] = [folderOf('shop', 1), folderOf('shop', 20)]
    for (const folder of [old, young]) {
      await keep(store, folder)
      const entry = entryOfFolder(folder, 'prod') ?? assert.fail()
      // A handler that was killed knew less of it.
      for (const signal of [null, 11]) await addNames(store, { ...entry, signal })
    }
    await put(store, '_binaries/prod/shop/_none/x')
    await apply(t, store, { maxAgeSeconds: 2 * 86_400 })
    const left = await keysIn(store)
    const named = left.flatMap(key => parseIndexKey(key) ?? [])
    assert.deepEqual(new Set(named.map(indexedFolder)), new Set([young]))
    assert.equal(named.length, 4)
    const rest = left.filter(key => !key.startsWith('_index/'))
    assert.deepEqual(rest, ['_binaries/prod/shop/_none/x', `${young}/core.gz`, `${young}/report.json`])
  }
})

it('a removal that was interrupted before its names is finished with them', async t => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  const folder = folderOf('shop', 1)
  await keep(store, folder)
  await addNames(store, entryOfFolder(folder, '') ?? assert.fail())
  s3.fail('DeleteObject', faults.refuse(403, 'AccessDenied'), { after: 3 })
  const journal = path.join(temporaryFolder(t), 'removal.json')
  const { log } = openLogLines()
  const retaining = { journal, now: NOW, log }
  await assert.rejects(
    applyRetention(store, { ...OFF, maxAgeSeconds: 3600 }, retaining),
    /AccessDenied|refuse/,
  )
  assert.equal((await keysIn(store)).length, 1)
  await finishRemoval(store, journal)
  assert.deepEqual(await keysIn(store), [])
})

it('finishRemoval() removes nothing but what a removal can have written down', async t => {
  const journal = path.join(temporaryFolder(t), 'removal.json')
  const removed: string[] = []
  const store = {
    async *list() {
      yield* []
    },
    remove: async (key: string) => void removed.push(key),
  }
  for (const text of [
    '',
    '{',
    'null',
    '{"folder":"shop","names":["core"]}',
    '{"folder":7,"names":["core"]}',
  ]) {
    writeFileSync(journal, text)
    await finishRemoval(store, journal)
  }
  writeFileSync(
    journal,
    JSON.stringify({ folder: folderOf('shop', 1), names: ['report.json', '../x', 'core'] }),
  )
  await finishRemoval(store, journal)
  assert.deepEqual(removed, [`${folderOf('shop', 1)}/core`, `${folderOf('shop', 1)}/report.json`])
})
