import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { claimFirst } from '../../groups/claim-first.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import { encodeSummary, parseSummary, summaryOf } from '../../groups/group-summary.ts'
import { encodeMute, parseMute } from '../../groups/mute.ts'
import { encodeNodeCount, MOST_IMAGES, MOST_PODS, parseNodeCount } from '../../groups/node-count.ts'
import { encodeTold, parseTold } from '../../groups/told-record.ts'
import { inputs } from '../inputs.ts'
import { TimedStore } from './timed-store.ts'

const NOW = new Date('2026-11-21T04:30:00Z')
const FOLDER = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
const SIGNAL = new AbortController().signal
const COUNT = { crashes: 3, first: new Date(NOW.getTime() - 60_000), last: NOW, pods: 2, images: ['web:1'] }
const OWN = { id: '3f2a9c01d4e5', node: 'node-1', time: NOW }

function groupIn(store = new TimedStore(NOW)) {
  return { store, group: new CrashGroup(store, FOLDER) }
}

describe('CrashGroup', () => {
  it('sums what nodes count, and leaves the sum for who asks', async () => {
    const { group } = groupIn()
    assert.equal(await group.summary(SIGNAL), null)
    await group.putCount('node-1', COUNT)
    await group.putCount('node-2', { ...COUNT, images: ['web:2'], folder: 'shop/web-0/app/x' })
    const summed = await group.summarise(['node-1', 'node-2', 'gone'], SIGNAL)
    assert.deepEqual(summed, {
      ...COUNT,
      ...{ nodes: 2, crashes: 6, pods: 4, images: ['web:1', 'web:2'], folder: 'shop/web-0/app/x' },
    })
    assert.deepEqual(await group.summary(SIGNAL), summed)
  })

  it('lets one of many tell each message', async () => {
    const { group } = groupIn()
    const claim = (update: number | 'quiet') => group.claim(update, { ...OWN, crashes: 1 }, SIGNAL)
    const claims = await Promise.all(Array.from({ length: 50 }, () => claim(0)))
    assert.equal(claims.filter(one => one === 'won').length, 1)
    assert.deepEqual([await claim(1), await claim('quiet'), await claim('quiet')], ['won', 'won', 'refused'])
    assert.deepEqual(await group.told(0, SIGNAL), { ...OWN, crashes: 1 })
    assert.equal(await group.told(7, SIGNAL), null)
  })

  it('reads no more of what stands there than a word of ours is long', async () => {
    const { store, group } = groupIn()
    await group.putCount('node-1', COUNT)
    await store.put(`${FOLDER}/seen/node-2`, [Buffer.alloc(10_000, ' '), Buffer.from(JSON.stringify(COUNT))])
    assert.deepEqual(await group.counts(['node-1', 'node-2'], SIGNAL), [COUNT])
  })

  it('is muted until then, or until it is not', async () => {
    const { group } = groupIn()
    await group.mute({ until: NOW })
    assert.deepEqual(await group.muted(SIGNAL), { until: NOW })
    await group.unmute()
    assert.equal(await group.muted(SIGNAL), null)
  })
})

describe('claimFirst()', () => {
  it('is for one crash of the group, which learns what was counted before', async () => {
    const { group } = groupIn()
    await group.putCount('node-1', COUNT)
    const summary = await group.summarise(['node-1'], SIGNAL)
    assert.deepEqual(await claimFirst(group, OWN, SIGNAL), { told: 'first', summary })
    assert.equal((await group.told(0, SIGNAL))?.crashes, COUNT.crashes + 1)
    assert.deepEqual(await claimFirst(group, { ...OWN, id: '0'.repeat(12) }, SIGNAL), { told: 'another' })
  })

  it('is for nobody while the group is muted', async () => {
    const { store, group } = groupIn()
    await group.mute({ until: new Date(NOW.getTime() + 1000) })
    assert.deepEqual(await claimFirst(group, OWN, SIGNAL), { told: 'muted' })
    const later = { ...OWN, time: new Date(NOW.getTime() + 1001) }
    assert.equal((await claimFirst(group, later, SIGNAL)).told, 'first')
    store.failure = new Error('503')
    await assert.rejects(claimFirst(group, OWN, SIGNAL), /503/)
  })
})

describe('what stands in the bucket', () => {
  it('is read as it was written', () => {
    const whole = { ...COUNT, folder: 'shop/web-0/app/x' }
    assert.deepEqual(parseNodeCount(encodeNodeCount(whole)), whole)
    const summary = summaryOf([whole]) ?? assert.fail()
    assert.deepEqual(parseSummary(encodeSummary(summary)), summary)
    const large = { ...summary, nodes: 3000, pods: 3100 }
    assert.deepEqual(parseSummary(encodeSummary(large)), large)
    assert.deepEqual(parseTold(encodeTold({ ...OWN, crashes: 9 })), { ...OWN, crashes: 9 })
    assert.deepEqual(parseMute(encodeMute({ until: NOW })), { until: NOW })
  })

  it('is a stranger’s word, of which too much is not believed', () => {
    const boasting = { ...COUNT, pods: 1e9, images: Array.from({ length: 99 }, (_, at) => `web:${at}`) }
    const read = parseNodeCount(encodeNodeCount(boasting)) ?? assert.fail()
    assert.deepEqual([read.pods, read.images.length], [MOST_PODS, MOST_IMAGES])
    assert.equal(parseSummary(encodeSummary({ ...boasting, nodes: 2 }))?.pods, 2 * MOST_PODS)
    for (const change of [
      { crashes: 0 },
      { crashes: 1e300 },
      { crashes: '3' },
      { first: 'soon' },
      { version: 2 },
    ])
      assert.equal(parseNodeCount(JSON.stringify({ version: 1, ...COUNT, ...change })), null)
    assert.equal(parseSummary(encodeNodeCount(COUNT)), null)
    for (const parse of [parseNodeCount, parseSummary, parseTold, parseMute])
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json()), text => void parse(text)),
        inputs(),
      )
  })
})
