import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { groupFolder } from '../../../crash/group-key.ts'
import { removePastGroups } from '../../../installer/upkeep/past-groups.ts'
import { removePastTurns } from '../../../installer/upkeep/past-turns.ts'
import { startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'
import { openLogLines } from '../log-lines.ts'

const NEVER = new AbortController().signal
const NOW = new Date('2026-11-21T00:00:00Z')
const DAY_MS = 24 * 3600 * 1000
const OURS = folderOf('eu-1')
const KEPT = `${OURS}/kept/1763700000.000000`

/** Objects that are so many days old. */
async function bucket(t: TestContext, days: Readonly<Record<string, number>>) {
  const s3 = await startFakeS3({ pageSize: 2 })
  t.after(() => s3[Symbol.asyncDispose]())
  const store = s3StoreOf(s3)
  for (const [key, age] of Object.entries(days)) {
    await store.put(key, [], 0)
    s3.bucket().get(`corefiles/${key}`).storedAt = new Date(NOW.getTime() - age * DAY_MS)
  }
  const { log, lines } = openLogLines()
  const remove = (more: object = {}) =>
    removePastGroups(store, { clusters: ['eu-1'], windowSeconds: 300, now: NOW, signal: NEVER, log, ...more })
  const removeTurns = () => removePastTurns(s3StoreOf(s3), { now: NOW, signal: NEVER })
  const left = () =>
    s3
      .bucket()
      .keys()
      .map(key => key.slice('corefiles/'.length))
  return { remove, removeTurns, left, lines }
}

it('removePastGroups() removes places of windows that are over for a day, and long past counts', async t => {
  const [others, unnamed] = [`${folderOf('other')}/kept/1-0`, `${folderOf('')}/kept/1-0`]
  const { remove, left, lines } = await bucket(t, {
    [`${KEPT}-0`]: 2.9,
    [`${KEPT}-1`]: 3.1,
    [`${OURS}/seen/node-1`]: 89,
    [`${OURS}/seen/node-2`]: 91,
    [`${OURS}/muted`]: 400,
    [others]: 400,
    [unnamed]: 400,
    'shop/web/app/report.json': 400,
  })
  await remove()
  assert.deepEqual(
    left().toSorted(),
    [`${KEPT}-0`, `${OURS}/seen/node-1`, `${OURS}/muted`, others, 'shop/web/app/report.json'].toSorted(),
  )
  assert.deepEqual(
    lines.map(({ removed }) => removed),
    [3],
  )
})

it('removePastTurns() removes turns that are over, and nothing else of upkeep', async t => {
  const [bot, mark] = [`_upkeep/_chats/${'0'.repeat(32)}`, '_upkeep/eu-1/nodes/node-1']
  const { removeTurns, left } = await bucket(t, { [`${bot}/1`]: 2.1, [`${bot}/2`]: 1.9, [mark]: 400 })
  await removeTurns()
  assert.deepEqual(left().toSorted(), [`${bot}/2`, mark])
})

it('removePastGroups() keeps places for as long as a window of dedupe', async t => {
  const { remove, left } = await bucket(t, { [`${KEPT}-0`]: 8, [`${KEPT}-1`]: 10 })
  await remove({ windowSeconds: 7 * 24 * 3600 })
  assert.deepEqual(left(), [`${KEPT}-0`])
})

function folderOf(cluster: string): string {
  const fingerprint = ['pod', 'shop', 'Deployment', 'web', 'app', 'memory', 'c0ffee']
  return groupFolder({ cluster, namespace: 'shop', workload: 'Deployment.web', fingerprint })
}
