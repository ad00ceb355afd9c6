import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import { type Reindexed, reindex } from '../../crash-index/reindex.ts'
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

async function run(store: Awaited<ReturnType<typeof storeOf>>, signal = new AbortController().signal) {
  const told: Reindexed[] = []
  const reindexed = await reindex(store, { cluster: 'prod', signal, onProgress: it => void told.push(it) })
  return { reindexed, told }
}

async function entriesIn(store: Awaited<ReturnType<typeof storeOf>>): Promise<readonly IndexEntry[]> {
  const entries: IndexEntry[] = []
  for await (const { entry } of new CrashIndex(store).ofAll()) entries.push(entry)
  return entries
}

it('crashes of before there was an index are in it, newest first, and once', async t => {
  const store = await storeOf(
    t,
    Array.from({ length: 20 }, () => ({ signal: { number: 6 } })),
  )
  const { reindexed, told } = await run(store)
  assert.deepEqual(reindexed, { looked: 20, added: 20, known: 0, foreign: 0, unread: 0 })
  assert.deepEqual(told.at(-1), reindexed)
  const entries = await entriesIn(store)
  assert.deepEqual(
    entries.map(({ id }) => id),
    Array.from({ length: 20 }, (_, number) => idOf(19 - number)),
  )
  assert.ok(entries.every(({ cluster, signal }) => cluster === 'prod' && signal === 6))
  assert.deepEqual((await run(store)).reindexed, { looked: 20, added: 0, known: 20, foreign: 0, unread: 0 })
})

it('whose a crash is, its folder says, and one of which the report is none is left alone', async t => {
  const store = await storeOf(t, [{ pod: { namespace: 'kube-system', name: 'x' } }, 'no JSON', {}])
  const { added, unread } = (await run(store)).reindexed
  assert.deepEqual([added, unread], [2, 1])
  assert.ok((await entriesIn(store)).every(({ namespace, pod }) => namespace === 'shop' && pod === 'web-0'))
})

it('a crash of which the report names another cluster is left to that one', async t => {
  const store = await storeOf(t, [{ node: { cluster: 'test' } }, { node: { cluster: 'prod' } }])
  assert.deepEqual((await run(store)).reindexed, { looked: 2, added: 1, known: 0, foreign: 1, unread: 0 })
  assert.deepEqual(
    (await entriesIn(store)).map(({ id }) => id),
    [idOf(1)],
  )
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
