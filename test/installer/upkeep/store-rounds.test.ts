import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RetentionConfig } from '../../../config/config.ts'
import { entryOfFolder } from '../../../crash/index-entry.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { StoreRounds } from '../../../installer/upkeep/store-rounds.ts'
import { startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'
import { openLogLines } from '../log-lines.ts'

const DAY_MS = 24 * 3600 * 1000
const RULE: RetentionConfig = {
  by: 'lifecycle',
  maxAgeSeconds: 30 * 24 * 3600,
  // Without an effect.
  ...{ maxCount: 1, maxBytes: 1, minOfGroup: 1 },
}

/** The folder of a crash of so many days ago, a bug of its own each. */
function folderOf(days: number): string {
  const time = new Date(Date.now() - days * DAY_MS).toISOString().replace(/[-:]|\.\d+/g, '')
  return `shop/web-0/app/${time}-app-${days}-${String(days).padStart(12, '0')}`
}

it('where a rule removes crashes, names of those that are gone go, and what the rule has left', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  const [ofToday, justOver, gone, untagged] = [folderOf(0), folderOf(31), folderOf(33), folderOf(40)]
  for (const folder of [ofToday, justOver, gone, untagged]) {
    const entry = entryOfFolder(folder, 'prod') ?? assert.fail()
    await addNames(store, { ...entry, group: `v2:${entry.id}`, storedBytes: 100 })
    if (folder === gone) continue
    await store.put(`${folder}/core.gz`, [Buffer.alloc(100)], 100)
    await store.put(`${folder}/report.json`, [Buffer.from('{}')], 2)
  }
  const { log, lines } = openLogLines()
  const rounds = new StoreRounds({
    ...{ store, log, clusterNames: () => ['prod'], uploadsInUse: async () => new Set<string>() },
    config: {
      retention: RULE,
      dedupe: { windowSeconds: 300, keep: 1, scope: 'cluster', after: 'none' },
    },
  })
  await rounds.doWhatIsDue(new AbortController().signal)
  const keys = s3
    .bucket()
    .keys('corefiles/')
    .filter(key => !key.includes('/_upkeep/'))
  for (const [folder, objects] of [
    [ofToday, 4],
    [justOver, 4],
    [gone, 0],
    [untagged, 0],
  ] as const) {
    const id = folder.slice(-12)
    assert.equal(keys.filter(key => key.includes(id)).length, objects, `${folder}\n${keys.join('\n')}`)
  }
  assert.deepEqual(
    lines.flatMap(({ msg, removed }) => (msg === 'old crashes removed' ? [removed] : [])),
    [2],
  )
})

it('who looks after the store says when it was through for the day, and what failed', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  const told: string[] = []
  const roundsOf = (uploadsInUse: () => Promise<Set<string>>) =>
    new StoreRounds({
      ...{ store, log: openLogLines().log, clusterNames: () => ['prod'], uploadsInUse },
      config: { retention: RULE, dedupe: { windowSeconds: 300, keep: 1, scope: 'cluster', after: 'none' } },
      metrics: {
        setUpkeepDone: () => void told.push('done'),
        countUpkeepFailure: () => void told.push('failed'),
      },
    })
  const signal = new AbortController().signal
  await roundsOf(() => Promise.reject(new Error('EIO'))).doWhatIsDue(signal)
  assert.deepEqual(told, ['failed', 'done'])
})

it('who looks after the store says when another one was through with it, or it before it began anew', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3)
  const at: Date[] = []
  const roundsOf = () =>
    new StoreRounds({
      ...{
        store,
        log: openLogLines().log,
        clusterNames: () => ['prod'],
        uploadsInUse: async () => new Set<string>(),
      },
      config: { retention: RULE, dedupe: { windowSeconds: 300, keep: 1, scope: 'cluster', after: 'none' } },
      metrics: { setUpkeepDone: done => void at.push(done), countUpkeepFailure: () => assert.fail('failed') },
    })
  const signal = new AbortController().signal
  await roundsOf().doWhatIsDue(signal)
  await roundsOf().doWhatIsDue(signal)
  const done = await store.look('_upkeep/prod/tidied')
  assert.ok(typeof done === 'object')
  assert.deepEqual([at.length, at[1]], [2, done.storedAt])
})
