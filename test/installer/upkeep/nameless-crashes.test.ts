import assert from 'node:assert/strict'
import { it } from 'node:test'
import { entryOfFolder, indexedFolder, parseIndexKey } from '../../../crash/index-entry.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { KnownCrashes } from '../../../installer/upkeep/known-crashes.ts'
import { nameNameless } from '../../../installer/upkeep/nameless-crashes.ts'
import { MemoryStore } from '../../api/memory-store.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T00:00:00Z')
const folderOf = (day: number) => `shop/web-0/app/202611${day}T000000Z-app-1-${String(day).padStart(12, '0')}`

function report(store: MemoryStore, day: number, cluster?: string): void {
  const node = cluster === undefined ? undefined : { cluster }
  const text = JSON.stringify({ schema: 'coredog.io/report/v1', id: String(day).padStart(12, '0'), node })
  store.set(`${folderOf(day)}/report.json`, text)
}

async function run(store: MemoryStore, maxAgeSeconds = 0) {
  const { log, lines } = openLogLines()
  const removed: string[] = []
  await nameNameless(store, {
    ...{ clusters: ['prod', '3f2a9c01', ''], maxAgeSeconds, now: NOW, log },
    removal: { add: async keys => void removed.push(...keys), end: async () => undefined },
    signal: new AbortController().signal,
  })
  const named = [...store.objects.keys()].flatMap(key => parseIndexKey(key) ?? [])
  return { lines, removed, named: new Set(named.map(entry => `${entry.cluster} ${indexedFolder(entry)}`)) }
}

it('what is ours gets names, under the name that it has by now, and what is named is not read', async () => {
  const store = new MemoryStore()
  report(store, 10, 'prod')
  report(store, 11)
  report(store, 12, '3f2a9c01')
  report(store, 13, 'other')
  for (const [day, cluster] of [
    [14, 'prod'],
    [15, 'other'],
    [16, '3f2a9c01'],
    [17, ''],
  ] as const) {
    report(store, day)
    await addNames(store, entryOfFolder(folderOf(day), cluster) ?? assert.fail())
  }
  const { named, lines } = await run(store)
  assert.deepEqual(
    named,
    new Set([
      ...[10, 11, 12, 14].map(day => `prod ${folderOf(day)}`),
      `other ${folderOf(15)}`,
      `3f2a9c01 ${folderOf(16)}`,
      `_none ${folderOf(17)}`,
    ]),
  )
  assert.deepEqual(
    lines.map(({ msg, crashes }) => [msg, crashes]),
    [['crashes of before there was an index are in it', 3]],
  )
  assert.deepEqual(
    store.asked.toSorted(),
    [10, 11, 12, 13].map(day => `${folderOf(day)}/report.json`),
  )
})

it('what has no report that can be read goes by its age, where there is one', async () => {
  const store = new MemoryStore()
  store.set(`${folderOf(10)}/core.gz`, 'core')
  store.set(`${folderOf(11)}/report.json`, 'no JSON')
  store.set(`${folderOf(20)}/core.gz`, 'core')
  assert.deepEqual((await run(store)).removed, [])
  const { removed, lines } = await run(store, 5 * 86_400)
  assert.deepEqual(removed, [`${folderOf(10)}/core.gz`, `${folderOf(11)}/report.json`])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['remains of crashes without a report removed'],
  )
})

it('of ten million crashes all are known again, and hardly one that is not there', () => {
  const known = new KnownCrashes()
  const idOf = (at: number) => at.toString(16).padStart(12, '0')
  for (let at = 0; at < 20_000; at += 1) known.add(idOf(at))
  for (let at = 0; at < 20_000; at += 1) assert.ok(known.mayHave(idOf(at)))
  let strangers = 0
  for (let at = 20_000; at < 40_000; at += 1) if (known.mayHave(idOf(at))) strangers += 1
  assert.ok(strangers < 20, String(strangers))
})
