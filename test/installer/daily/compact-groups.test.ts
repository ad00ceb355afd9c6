import assert from 'node:assert/strict'
import { it } from 'node:test'
import { groupFolder } from '../../../crash/group-key.ts'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import type { NodeCount } from '../../../groups/node-count.ts'
import { crash, dailyStore, NOW } from './daily-store.ts'

const DAY_MS = 86_400_000
const YESTERDAY = new Date('2026-11-23T12:00:00Z')
const NEWEST = crash('2026-11-23T11:00:00Z')
const COUNT: NodeCount = {
  ...{ crashes: 36, pods: 2, images: ['registry.example/shop:1.2\u202e'], folder: indexedFolder(NEWEST) },
  ...{ first: new Date('2026-11-22T08:00:00Z'), last: new Date('2026-11-23T11:30:00.500Z') },
}
const REPORT = {
  ...{ schema: 'coredog.io/report/v1', id: NEWEST.id, container: { name: 'app' } },
  process: { arguments: ['--token', 'hunter2'] },
  signal: { number: 6, name: 'SIGABRT' },
  crash: {
    ...{ group: 'v2:00ff', fingerprint: 'v2:11ee', site: 'c0ffee', reasonCode: 'assertion' },
    ...{ reason: 'assertion failed: hunter2', abortMessage: 'hunter2', lastWords: ['hunter2'] },
    frames: [
      { function: 'raise', module: '/lib/libc.so.6', own: false },
      { function: 'cart::total\n', module: '/app/cart', file: 'src/cart.cc', line: 12, own: true },
    ],
  },
}

function folderOf(workload: string, namespace = 'shop'): string {
  return groupFolder({ cluster: 'prod', namespace, workload, fingerprint: [workload] })
}

it('what all nodes have counted of a group is a line, with where it crashed and nothing that it said', async t => {
  const daily = dailyStore(t)
  const folder = folderOf('Deployment.cart')
  for (const node of ['node-1', 'node-2'])
    await daily.count({ ...{ folder, node, storedAt: YESTERDAY }, count: COUNT })
  await daily.put(`${COUNT.folder}/report.json`, JSON.stringify(REPORT))
  await daily.compact()
  assert.deepEqual(await daily.files(), ['_index/daily/groups/cluster=prod/date=2026-11-23/groups.ndjson.gz'])
  const lines = await daily.groups('2026-11-23')
  assert.deepEqual(lines, [
    {
      ...{ countedIn: folder, namespace: 'shop', workload: 'Deployment.cart', container: 'app' },
      ...{ crashes: 72, pods: 4, nodes: 2, images: ['registry.example/shop:1.2\\u{202e}'] },
      ...{ first: '2026-11-22T08:00:00.000Z', last: '2026-11-23T11:30:00.500Z' },
      ...{ group: 'v2:00ff', fingerprint: 'v2:11ee', site: 'c0ffee', reasonCode: 'assertion' },
      ...{ signal: 6, signalName: 'SIGABRT', function: 'cart::total\\n', file: 'src/cart.cc', line: 12 },
      ...{ module: '/app/cart', url: daily.store.location(`${COUNT.folder}/report.json`) },
    },
  ])
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/)
})

it('a sum that is newer than all counts is taken, and an older one is made anew but not stored', async t => {
  const daily = dailyStore(t)
  const folder = folderOf('Deployment.cart')
  const group = new CrashGroup(daily.store, folder)
  await daily.count({ ...{ folder, node: 'node-1', storedAt: YESTERDAY }, count: COUNT })
  await group.summarise(['node-1'], new AbortController().signal)
  await daily.count({ ...{ folder, node: 'node-1', storedAt: YESTERDAY }, count: { ...COUNT, crashes: 50 } })
  const crashesBy = async (summaryAt: Date) => {
    daily.isStored(`${folder}/summary.json`, summaryAt)
    await daily.compact()
    const [line] = await daily.groups('2026-11-23')
    await daily.store.remove('_index/daily/groups/cluster=prod/date=2026-11-23/groups.ndjson.gz')
    return line?.crashes
  }
  assert.equal(await crashesBy(new Date(YESTERDAY.getTime() + 1000)), 36)
  assert.equal(await crashesBy(YESTERDAY), 50)
  assert.equal((await group.summary(new AbortController().signal))?.crashes, 36)
})

it('a file has the groups that were counted since the one before, and is written once', async t => {
  const daily = dailyStore(t)
  const [old, again, young] = ['old', 'again', 'young'].map(name => folderOf(name)) as [
    string,
    string,
    string,
  ]
  const day = (days: number) => new Date(NOW.getTime() + days * DAY_MS)
  await daily.count({ ...{ folder: old, node: 'n', storedAt: day(-9) }, count: COUNT })
  await daily.count({ ...{ folder: again, node: 'n', storedAt: day(-9) }, count: COUNT })
  const born = { ...COUNT, first: NOW, last: NOW }
  await daily.count({ ...{ folder: young, node: 'n', storedAt: NOW }, count: born })
  await daily.compact()
  const found = async (date: string) => (await daily.groups(date)).map(({ workload }) => workload).toSorted()
  assert.deepEqual(await found('2026-11-23'), ['again', 'old'])
  // Two days on, for nobody did it in between.
  await daily.count({ ...{ folder: again, node: 'n', storedAt: day(0.5) }, count: COUNT })
  await daily.compact({ now: day(2) })
  assert.deepEqual(await found('2026-11-25'), ['again', 'young'])
  await daily.count({ ...{ folder: old, node: 'n', storedAt: day(2) }, count: COUNT })
  await daily.compact({ now: day(2) })
  assert.deepEqual(await found('2026-11-25'), ['again', 'young'])
})

it('what a stranger has counted, or says of another namespace, is left out', async t => {
  const daily = dailyStore(t)
  const folder = folderOf('Deployment.cart', 'bank')
  await daily.count({ ...{ folder, node: 'node-1', storedAt: YESTERDAY }, count: COUNT })
  await daily.put(`${COUNT.folder}/report.json`, JSON.stringify(REPORT))
  await daily.put('_groups/prod/bank/Deployment.cart/nonsense/seen/node-1', JSON.stringify(COUNT))
  await daily.put(`${folderOf('torn')}/seen/node-1`, '{"crashes":')
  await daily.compact()
  const [line, ...more] = await daily.groups('2026-11-23')
  assert.deepEqual(
    [line?.namespace, line?.group, line?.function, line?.url, more],
    ['bank', null, null, null, []],
  )
})

it('past files of groups go away by retention', async t => {
  const daily = dailyStore(t)
  const folder = folderOf('Deployment.cart')
  await daily.count({ ...{ folder, node: 'node-1', storedAt: YESTERDAY }, count: COUNT })
  await daily.compact()
  await daily.compact({ now: new Date(NOW.getTime() + 30 * DAY_MS), maxAgeSeconds: 7 * 86_400 })
  assert.deepEqual(await daily.files(), [])
})
