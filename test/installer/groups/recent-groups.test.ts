import assert from 'node:assert/strict'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { GroupTotals } from '../../../installer/groups/group-totals.ts'
import { type Counted, recentGroups } from '../../../installer/groups/recent-groups.ts'
import { storeIn } from '../../../storage/open-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const NOW = new Date('2026-11-29T07:00:00Z')
const NEVER = new AbortController().signal
const SITE = 'ab'.repeat(16)
const CHECKOUT = `_groups/prod/shop/Deployment.checkout/${SITE}`

function noteOf(id: string, group: string, time: string, pod = `pod-${id}`) {
  return { id, group, time: new Date(time), pod, image: 'shop:1' }
}

async function totalsOf(t: TestContext, notes: readonly ReturnType<typeof noteOf>[]): Promise<GroupTotals> {
  const totals = await GroupTotals.read(path.join(temporaryFolder(t), 'totals.json'))
  await totals.count(notes, 1, NOW)
  return totals
}

const SILENT: Counted = {
  summary: async () => {
    throw new Error('the store is away')
  },
  muted: async () => {
    throw new Error('the store is away')
  },
}

it('recentGroups() says what the cluster counts, and until when chats hear nothing of it', async t => {
  const store = storeIn(temporaryFolder(t))
  const totals = await totalsOf(t, [noteOf('1', CHECKOUT, '2026-11-29T06:00:00Z')])
  const group = new CrashGroup(store, CHECKOUT)
  const first = new Date('2026-11-28T04:21:00Z')
  const last = new Date('2026-11-29T06:59:00Z')
  const count = { first, last, images: [] }
  await group.putCount('node-7', { ...count, crashes: 30, pods: 10 })
  await group.putCount('node-8', { ...count, crashes: 6, pods: 2 })
  await group.summarise(['node-7', 'node-8'], NEVER)
  const until = new Date('2026-12-01T00:00:00Z')
  await group.mute({ until })
  const found = await recentGroups(totals, folder => new CrashGroup(store, folder), NOW, NEVER)
  assert.deepEqual(found, [
    {
      ...{ namespace: 'shop', workload: 'Deployment.checkout', site: SITE },
      ...{ crashes: 36, pods: 12, nodes: 2, first, last, mutedUntil: until },
    },
  ])
})

it('recentGroups() says what this node knows where the store does not answer', async t => {
  const totals = await totalsOf(t, [
    noteOf('1', CHECKOUT, '2026-11-29T05:00:00Z'),
    noteOf('2', CHECKOUT, '2026-11-29T06:00:00Z'),
  ])
  const [group] = await recentGroups(totals, () => SILENT, NOW, NEVER)
  assert.deepEqual([group?.crashes, group?.nodes, group?.mutedUntil], [2, null, null])
})

it('recentGroups() has the last ten of a day, the last one first', async t => {
  const notes = Array.from({ length: 14 }, (_, at) =>
    noteOf(
      String(at),
      `_groups/prod/shop/job-${at}/${SITE}`,
      new Date(NOW.getTime() - at * 3_600_000).toISOString(),
    ),
  )
  const old = noteOf('old', `_groups/prod/shop/old/${SITE}`, '2026-11-27T00:00:00Z')
  const found = await recentGroups(await totalsOf(t, [old, ...notes]), () => SILENT, NOW, NEVER)
  assert.deepEqual(
    found.map(({ workload }) => workload),
    Array.from({ length: 10 }, (_, at) => `job-${at}`),
  )
})
