import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import { reindex } from '../../crash-index/reindex.ts'
import { NONE_LOOKED_AT, type Reindexed } from '../../crash-index/reindexed.ts'
import { storeIn } from '../../storage/open-store.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const SCHEMA = 'coredog.io/report/v1'

function idOf(number: number): string {
  return String(number).padStart(12, '0')
}

function folderOf(number: number): string {
  return `shop/web-0/app/20261121T0421${String(number).padStart(2, '0')}Z-web-7-${idOf(number)}`
}

/** A store of before there was an index; each crash has a report with `fields`. */
async function storeOf(t: TestContext, reports: readonly (object | string)[]) {
  const store = storeIn(temporaryFolder(t))
  const put = (key: string, text: string) => store.put(key, [Buffer.from(text)], text.length)
  await put('_binaries/prod/shop/_none/x', 'a program')
  for (const [number, report] of reports.entries()) {
    await put(`${folderOf(number)}/core.gz`, 'core')
    const fields = { schema: SCHEMA, id: idOf(number), ...(report as object) }
    await put(`${folderOf(number)}/report.json`, typeof report === 'string' ? report : JSON.stringify(fields))
  }
  return store
}

async function run(store: Awaited<ReturnType<typeof storeOf>>, { cluster = 'prod' } = {}) {
  const told: Reindexed[] = []
  const { signal } = new AbortController()
  const reindexed = await reindex(store, { cluster, signal, onProgress: it => void told.push(it) })
  return { reindexed, told }
}

async function entriesIn(store: Awaited<ReturnType<typeof storeOf>>): Promise<readonly IndexEntry[]> {
  const entries: IndexEntry[] = []
  for await (const { entry } of new CrashIndex(store).ofAll()) entries.push(entry)
  return entries
}

async function namesIn(store: Awaited<ReturnType<typeof storeOf>>): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('_index/')) keys.push(key)
  return keys
}

it('crashes of before there was an index are in it, newest first, and once', async t => {
  const store = await storeOf(
    t,
    Array.from({ length: 20 }, () => ({ signal: { number: 6 } })),
  )
  const { reindexed, told } = await run(store)
  assert.deepEqual(reindexed, { ...NONE_LOOKED_AT, looked: 20, added: 20 })
  assert.deepEqual(told.at(-1), reindexed)
  const entries = await entriesIn(store)
  assert.deepEqual(
    entries.map(({ id }) => id),
    Array.from({ length: 20 }, (_, number) => idOf(19 - number)),
  )
  assert.ok(entries.every(({ cluster, signal }) => cluster === 'prod' && signal === 6))
  assert.deepEqual((await run(store)).reindexed, { ...NONE_LOOKED_AT, looked: 20, known: 20 })
})

it('whose a crash is, its folder says, and one of which the report is none is left alone', async t => {
  const store = await storeOf(t, [{ pod: { namespace: 'kube-system', name: 'x' } }, 'no JSON', {}])
  const { added, unread, unreadFolders } = (await run(store)).reindexed
  assert.deepEqual([added, unread, unreadFolders], [2, 1, [folderOf(1)]])
  assert.ok((await entriesIn(store)).every(({ namespace, pod }) => namespace === 'shop' && pod === 'web-0'))
})

it('a crash of which the report names another cluster is left to that one', async t => {
  const store = await storeOf(t, [{ node: { cluster: 'test' } }, { node: { cluster: 'prod' } }])
  const { looked, added, foreign, clusters } = (await run(store)).reindexed
  assert.deepEqual([looked, added, foreign, clusters], [2, 1, 1, ['test']])
  assert.deepEqual(
    (await entriesIn(store)).map(({ id }) => id),
    [idOf(1)],
  )
})

it('a crash that is in the index without a cluster is taken for ours, and is in it once', async t => {
  const store = await storeOf(t, [{}])
  await run(store, { cluster: '' })
  assert.deepEqual(
    (await entriesIn(store)).map(({ cluster }) => cluster),
    ['_none'],
  )
  assert.equal((await run(store)).reindexed.added, 1)
  assert.deepEqual(
    (await entriesIn(store)).map(({ cluster }) => cluster),
    ['prod'],
  )
  assert.equal((await namesIn(store)).length, 2)
})

it('a crash that the index has for another cluster is left to that one', async t => {
  const store = await storeOf(t, [{}])
  await run(store)
  for (const cluster of ['', 'test']) {
    const { added, foreign, clusters } = (await run(store, { cluster })).reindexed
    assert.deepEqual([added, foreign, clusters], [0, 1, ['prod']])
  }
})

it('of many other clusters the first ones are named', async t => {
  const reports = Array.from({ length: 9 }, (_, number) => ({ node: { cluster: `c${number}` } }))
  const { foreign, clusters } = (await run(await storeOf(t, reports))).reindexed
  assert.equal(foreign, 9)
  assert.deepEqual(clusters, ['c0', 'c1', 'c2', 'c3', 'c4'])
})

it('what is ended goes on where it is called again', async t => {
  const store = await storeOf(
    t,
    Array.from({ length: 20 }, () => ({})),
  )
  const stop = new AbortController()
  const onProgress = () => stop.abort()
  const first = await reindex(store, { cluster: 'prod', signal: stop.signal, onProgress })
  assert.equal(first.added, 8)
  const { reindexed } = await run(store)
  assert.deepEqual([reindexed.added, reindexed.known], [12, 8])
})
