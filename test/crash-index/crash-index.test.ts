import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { namespaceIndexKey, timeIndexKey } from '../../crash/index-entry.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import type { Indexed } from '../../crash-index/indexed.ts'
import { ENTRY } from '../fakes/index-entry.ts'
import { inputs } from '../inputs.ts'
import { all } from '../storage/bodies.ts'
import { CountingStore } from './counting-store.ts'

const NOW = new Date('2026-11-21T04:30:00Z')

/** An index with a crash at each of these times, and what asks it. */
async function indexOf(times: readonly Date[]) {
  const store = new CountingStore()
  const index = new CrashIndex(store, () => NOW.getTime())
  const entries = times.map((time, at) => ({ ...ENTRY, time, id: at.toString(16).padStart(12, '0') }))
  for (const entry of entries) await index.add(entry)
  store.listings = 0
  return { store, index, entries }
}

function hoursAgo(hours: number): Date {
  return new Date(Math.floor(NOW.getTime() / 1000 - hours * 3600) * 1000)
}

const timesOf = (indexed: readonly Indexed[]) => indexed.map(({ entry }) => entry.time.getTime())
const newestFirst = (times: readonly Date[]) => times.map(time => time.getTime()).sort((a, b) => b - a)

describe('CrashIndex', () => {
  it('adds two empty objects, and finds the crash by them', async () => {
    const { store, index } = await indexOf([])
    await index.add(ENTRY)
    await index.add(ENTRY)
    assert.deepEqual([...store.objects.keys()].sort(), [namespaceIndexKey(ENTRY), timeIndexKey(ENTRY)].sort())
    assert.deepEqual(
      [...store.objects.values()].map(bytes => bytes.length),
      [0, 0],
    )
    const [listed] = await all(index.ofNamespace(ENTRY))
    assert.deepEqual(listed, { entry: ENTRY, key: namespaceIndexKey(ENTRY), storedAt: listed?.storedAt })
    assert.deepEqual(await index.find(ENTRY), ENTRY)
    assert.equal(store.listings, 2)
    assert.equal(await index.find({ ...ENTRY, id: '000000000000' }), null)
    assert.equal(await index.find({ ...ENTRY, namespace: 'pay' }), null)
  })

  it('says so where the store refuses a name', async () => {
    const { store, index } = await indexOf([])
    store.refused = timeIndexKey(ENTRY)
    await assert.rejects(index.add(ENTRY), /403/)
    assert.equal(store.objects.size, 0)
  })

  it('gives the crashes of a namespace newest first, page by page', async () => {
    const { index } = await indexOf([hoursAgo(5), hoursAgo(1), hoursAgo(3)])
    const whole = await all(index.ofNamespace(ENTRY))
    assert.deepEqual(timesOf(whole), newestFirst([hoursAgo(1), hoursAgo(3), hoursAgo(5)]))
    const [first] = whole
    assert.deepEqual(await all(index.ofNamespace(ENTRY, { after: first?.key })), whole.slice(1))
    assert.deepEqual(await all(index.ofNamespace({ cluster: 'prod', namespace: 'sho' })), [])
    assert.deepEqual(await all(index.ofNamespace({ cluster: 'test', namespace: 'shop' })), [])
  })

  it('gives a crash with two names once', async () => {
    const { index } = await indexOf([])
    await index.add(ENTRY)
    await index.add({ ...ENTRY, group: null, podUid: null })
    for (const listing of [index.ofNamespace(ENTRY), index.ofAll()])
      assert.equal((await all(listing)).length, 1)
  })

  it('leaves out names that are none of ours', async () => {
    const { store, index } = await indexOf([hoursAgo(1)])
    for (const key of [
      '_index/namespace/prod/shop/0',
      '_index/namespace/prod/shop/x_y',
      '_index/time/2026/11/21/03/zz',
    ])
      await store.put(key, [])
    assert.equal((await all(index.ofNamespace(ENTRY))).length, 1)
    assert.equal((await all(index.ofAll())).length, 1)
  })

  it('ends with its signal', async () => {
    const { index } = await indexOf([hoursAgo(1)])
    const signal = AbortSignal.abort(new Error('the client has gone'))
    await assert.rejects(all(index.ofNamespace(ENTRY, { signal })), /the client has gone/)
    await assert.rejects(all(index.ofAll({ signal })), /the client has gone/)
  })

  it('forgets one crash, and all names that it has', async () => {
    const { store, index } = await indexOf([])
    const neighbours = [
      { ...ENTRY, id: '3f2a9c01d4e6' },
      { ...ENTRY, namespace: 'pay' },
      { ...ENTRY, cluster: 'test' },
    ]
    for (const entry of [ENTRY, { ...ENTRY, group: null }, ...neighbours]) await index.add(entry)
    await index.forget(ENTRY)
    for (const key of [timeIndexKey, namespaceIndexKey])
      for (const entry of neighbours) assert.ok(store.objects.has(key(entry)))
    assert.equal(store.objects.size, 2 * neighbours.length)
    await index.forget(ENTRY)
  })

  it('removes the name of the namespace last, by which a removal that was killed begins again', async () => {
    const { store, index } = await indexOf([])
    await index.add(ENTRY)
    store.refused = timeIndexKey(ENTRY)
    await assert.rejects(index.forget(ENTRY), /403/)
    assert.equal(store.objects.size, 2)
  })
})

describe('CrashIndex.ofAll()', () => {
  it('has the newest first whenever they were', async () => {
    const time = fc.integer({ min: -400_000, max: 60_000_000 }).map(seconds => hoursAgo(seconds / 3600))
    await fc.assert(
      fc.asyncProperty(fc.array(time, { maxLength: 40 }), async times => {
        const { index } = await indexOf(times)
        assert.deepEqual(timesOf(await all(index.ofAll())), newestFirst(times))
      }),
      inputs(50),
    )
  })

  it('goes on behind each of them', async () => {
    const { index } = await indexOf([-30, 0, 0.1, 0.2, 1, 2, 2.01, 30, 9000].map(hoursAgo))
    // As a caller has them, who goes on from what it was given last.
    const whole = await all(index.ofAll())
    assert.equal(whole.length, 9)
    for (const [at, { key }] of whole.entries())
      assert.deepEqual(await all(index.ofAll({ after: key })), whole.slice(at + 1))
    await assert.rejects(all(index.ofAll({ after: '_index/time/../x' })), RangeError)
  })

  it('begins at `until` and ends at `since`, both included', async () => {
    const times = [-2, 0, 1, 2, 3, 4, 50].map(hoursAgo)
    const { index } = await indexOf(times)
    const found = await all(index.ofAll({ since: hoursAgo(3), until: hoursAgo(1) }))
    assert.deepEqual(timesOf(found), newestFirst([1, 2, 3].map(hoursAgo)))
    assert.deepEqual(
      timesOf(await all(index.ofAll({ since: hoursAgo(0) }))),
      newestFirst([-2, 0].map(hoursAgo)),
    )
  })

  it('asks for few listings where there are years between crashes', async () => {
    const { store, index } = await indexOf([1, 9000, 50_000].map(hoursAgo))
    assert.equal((await all(index.ofAll())).length, 3)
    assert.ok(store.listings <= 20, `${store.listings} listings`)
  })

  it('asks for few listings where the last hours had none, of an installation of years', async () => {
    const times = Array.from({ length: 3000 }, (_, at) => hoursAgo(5000 + at))
    const { store, index } = await indexOf(times)
    const first: Date[] = []
    for await (const { entry } of index.ofAll()) if (first.push(entry.time) === 500) break
    assert.deepEqual(
      first.map(time => time.getTime()),
      newestFirst(times).slice(0, 500),
    )
    assert.ok(store.listings <= 25, `${store.listings} listings`)
  })

  it('walks an hour that has thousands', async () => {
    const times = Array.from({ length: 2500 }, (_, at) => hoursAgo(1 + at / 3600 / 2))
    const { store, index } = await indexOf([...times, hoursAgo(40)])
    assert.deepEqual(timesOf(await all(index.ofAll())), newestFirst([...times, hoursAgo(40)]))
    assert.ok(store.listings <= 15, `${store.listings} listings`)
  })

  it('asks for nothing older than `since`', async () => {
    const { store, index } = await indexOf([hoursAgo(1), hoursAgo(9000)])
    await all(index.ofAll({ since: hoursAgo(2) }))
    assert.ok(store.listings <= 4, `${store.listings} listings`)
  })

  it('has those whose node was years ahead, however many', async () => {
    const times = Array.from({ length: 1500 }, (_, at) => hoursAgo(-20_000 - at))
    const { index } = await indexOf([...times, hoursAgo(1)])
    assert.deepEqual(timesOf(await all(index.ofAll())), newestFirst([...times, hoursAgo(1)]))
  })

  it('is empty where there is no index', async () => {
    const { index } = await indexOf([])
    assert.deepEqual(await all(index.ofAll()), [])
  })
})
