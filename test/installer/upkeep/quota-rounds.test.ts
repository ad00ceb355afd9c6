import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type IndexEntry, namespaceIndexKey, timeIndexKey } from '../../../crash/index-entry.ts'
import { parseQuota, type Use } from '../../../crash/quota.ts'
import { addNames } from '../../../crash-index/add-names.ts'
import { NamespaceLimits } from '../../../installer/upkeep/namespace-limits.ts'
import { QuotaRounds } from '../../../installer/upkeep/quota-rounds.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { smallText } from '../../../storage/small-text.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { openLogLines } from '../log-lines.ts'
import { BilledStore } from './bill.ts'

const UNENDED = new AbortController().signal
const NOON = new Date('2026-11-28T12:30:00Z')
const HOUR_MS = 3_600_000
const GI = 2 ** 30

interface World {
  readonly store: ObjectStore
  readonly limits?: NamespaceLimits
  readonly namespaceBytes?: number
}

function roundsOf({ store, limits, namespaceBytes = 10 * GI }: World) {
  const { log, lines } = openLogLines()
  const told: string[] = []
  const clock = { now: NOON }
  const open = () =>
    new QuotaRounds({
      store,
      log,
      config: { quota: { namespaceBytes } },
      clusterNames: () => ['prod'],
      limits: limits ?? new NamespaceLimits(null, log),
      onFull: (namespace: string, { usedBytes }: Use) => void told.push(`${namespace} ${usedBytes / GI}`),
      now: () => clock.now,
    })
  return { open, told, clock, lines }
}

function fileStore(folder: string): ObjectStore {
  return new FileStore({ protocol: 'cfs', mountPath: folder, storeDir: 'corefiles' })
}

let crashes = 0

/** `hours` before noon. */
function crashOf(namespace: string, hours: number, gibibytes: number, cluster = 'prod'): IndexEntry {
  crashes += 1
  const id = crashes.toString(16).padStart(12, '0')
  const time = new Date(NOON.getTime() - hours * HOUR_MS)
  return { ...ENTRY, cluster, namespace, id, time, storedBytes: gibibytes * GI }
}

async function usedIn(store: ObjectStore, namespace: string): Promise<readonly number[] | null> {
  const record = parseQuota((await smallText(store, `_quota/prod/${namespace}`, 4096)) ?? '')
  return record && [record.usedBytes / GI, record.limitBytes / GI]
}

it('what crashes of a namespace take is summed, the old ones and those of the last hours', async t => {
  const store = fileStore(temporaryFolder(t))
  for (const entry of [
    crashOf('shop', 100, 4),
    crashOf('shop', 2, 1),
    crashOf('shop', 0, 4),
    crashOf('pay', 50, 1),
    crashOf('shop', 30, 7, 'another'),
    crashOf('_host', 3, 12),
  ])
    await addNames(store, entry)
  const { open, told } = roundsOf({ store })
  await open().doWhatIsDue(UNENDED)
  assert.deepEqual(await usedIn(store, 'shop'), [9, 10])
  assert.deepEqual(await usedIn(store, 'pay'), [1, 10])
  assert.deepEqual(await usedIn(store, '_host'), [12, 10])
  assert.deepEqual(told, ['shop 9'])
})

it('what comes is added without listing all, also by another one that goes on', async t => {
  const store = fileStore(temporaryFolder(t))
  await addNames(store, crashOf('shop', 100, 4))
  const { open, told, clock } = roundsOf({ store })
  await open().doWhatIsDue(UNENDED)
  const listed: string[] = []
  const list = store.list.bind(store)
  store.list = (prefix, after) => {
    listed.push(prefix)
    return list(prefix, after)
  }
  await addNames(store, crashOf('shop', 0, 6))
  for (const hours of [1, 2, 3, 4, 5]) {
    clock.now = new Date(NOON.getTime() + hours * HOUR_MS)
    await open().doWhatIsDue(UNENDED)
    assert.deepEqual(await usedIn(store, 'shop'), [10, 10])
  }
  assert.ok(listed.every(prefix => prefix.startsWith('_index/time/')))
  assert.ok(listed.length <= 5 * 4, String(listed.length))
  assert.deepEqual(told, ['shop 10'])
})

it('a day later all is summed again: what was removed is gone, and people are told anew', async t => {
  const store = fileStore(temporaryFolder(t))
  const [old, gone] = [crashOf('shop', 100, 10), crashOf('pay', 50, 1)]
  for (const entry of [old, gone]) await addNames(store, entry)
  const { open, told, clock } = roundsOf({ store })
  await open().doWhatIsDue(UNENDED)
  await store.removeAll([timeIndexKey(gone), namespaceIndexKey(gone)])
  clock.now = new Date(NOON.getTime() + 23 * HOUR_MS)
  await open().doWhatIsDue(UNENDED)
  assert.equal(await usedIn(store, 'pay'), null)
  assert.deepEqual(told, ['shop 10', 'shop 10'])
})

it('the annotation of a namespace counts, and never for more than the operator allows', async t => {
  const store = fileStore(temporaryFolder(t))
  for (const namespace of ['shop', 'pay', 'odd']) await addNames(store, crashOf(namespace, 100, 2))
  const annotated = (name: string, quota: string) => ({
    metadata: { name, annotations: { 'coredog.io/quota': quota } },
  })
  const items = [annotated('shop', '2Gi'), annotated('pay', '1Ti'), annotated('odd', 'much')]
  const kube = { list: async () => ({ items, resourceVersion: '1' }) }
  const limits = new NamespaceLimits(kube as never, openLogLines().log)
  const { open, told } = roundsOf({ store, limits })
  await open().doWhatIsDue(UNENDED)
  assert.deepEqual(await usedIn(store, 'shop'), [2, 2])
  assert.deepEqual(await usedIn(store, 'pay'), [2, 10])
  assert.deepEqual(await usedIn(store, 'odd'), [2, 10])
  assert.deepEqual(told, ['shop 2'])
})

it('annotations that cannot be read leave the limit of the operator, and the log says why', async t => {
  const store = fileStore(temporaryFolder(t))
  await addNames(store, crashOf('shop', 100, 2))
  const { log, lines } = openLogLines()
  const kube = { list: async () => Promise.reject(new Error('forbidden')) }
  const { open } = roundsOf({ store, limits: new NamespaceLimits(kube, log) })
  await open().doWhatIsDue(UNENDED)
  assert.deepEqual(await usedIn(store, 'shop'), [2, 10])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['annotations coredog.io/quota of namespaces not read'],
  )
})

it('without a quota nothing is asked of the store', async () => {
  const store = new BilledStore([], NOON)
  const { open } = roundsOf({ store: store as unknown as ObjectStore, namespaceBytes: 0 })
  await open().doWhatIsDue(UNENDED)
  assert.deepEqual([store.lists, store.puts, store.gets], [0, 0, 0])
})

it('quotas over ten million crashes cost less than fifteen cents a day', async t => {
  const part = 1 / 500
  const count = 10_000_000 * part
  const days = 30
  const crashes = Array.from({ length: count }, (_, at) => {
    const entry = crashOf(`team-${at % 4}`, (at / count) * days * 24, 0.001)
    return { ...entry, storedBytes: Math.round(entry.storedBytes) }
  })
  const store = new BilledStore(
    crashes.flatMap(entry => [timeIndexKey(entry), namespaceIndexKey(entry)]),
    NOON,
  )
  const { open, lines } = roundsOf({ store: store as unknown as ObjectStore })
  await open().doWhatIsDue(UNENDED)
  const { lists, puts } = store
  // The store keeps nothing that is put there, so that this is a whole sum, and what an hour takes is told by it.
  const hours = 3
  const whole = (lists - hours) / part
  const increments = (24 * 3600) / 300
  const ofAnHour = (10_000_000 / days / 24 / 1000) * 2 + hours
  const dollars = ((whole + increments * ofAnHour) * 0.005) / 1000 + ((puts + increments) * 0.005) / 1000
  t.diagnostic(
    `${Math.round(whole)} lists for all, ${Math.round(increments * ofAnHour)} for increments, $${dollars.toFixed(3)}`,
  )
  assert.deepEqual(lines, [])
  assert.ok(dollars < 0.15, String(dollars))
})
