import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  crashIndexPrefix,
  entryOfFolder,
  hourPrefix,
  indexedFolder,
  namespaceIndexKey,
  namespaceIndexPrefix,
  parseIndexKey,
  timeIndexKey,
} from '../../crash/index-entry.ts'
import { crashFolder, keySegment } from '../../crash/object-key.ts'
import { ENTRY } from '../fakes/index-entry.ts'
import { inputs } from '../inputs.ts'

describe('index entry', () => {
  it('is a name by time, and one by namespace', () => {
    const tail =
      '6f0c2d4e-6c50-4a5e-9a53-0a4b0a3c9d11_checkout-7c9f5d8b6-x2x9k_app_11_88000123_v2.00ff12ab_worker!3_4242'
    assert.equal(namespaceIndexKey(ENTRY), `_index/namespace/prod/shop/8204765122_3f2a9c01d4e5_${tail}`)
    assert.equal(timeIndexKey(ENTRY), `_index/time/2026/11/21/04/8204765122_3f2a9c01d4e5_prod_shop_${tail}`)
    assert.ok(timeIndexKey(ENTRY).startsWith(hourPrefix(ENTRY.time)))
    assert.ok(namespaceIndexKey(ENTRY).startsWith(crashIndexPrefix(ENTRY)))
  })

  it('leads to the folder of the crash', () => {
    assert.equal(
      indexedFolder(ENTRY),
      'shop/checkout-7c9f5d8b6-x2x9k/app/20261121T042117Z-worker_3-4242-3f2a9c01d4e5',
    )
  })

  it('has the newest first', () => {
    const older = { ...ENTRY, time: new Date('2026-11-21T04:21:16Z') }
    assert.ok(namespaceIndexKey(ENTRY) < namespaceIndexKey(older))
  })

  it('of a process of the node has no container', () => {
    const folder = '_host/node-1/20261121T042117Z-x-7-3f2a9c01d4e5'
    const entry = entryOfFolder(folder, '')
    assert.ok(entry)
    assert.equal(entry.cluster, '_none')
    assert.equal(indexedFolder(entry), folder)
    assert.deepEqual(parseIndexKey(namespaceIndexKey(entry)), entry)
    assert.deepEqual(parseIndexKey(timeIndexKey(entry)), entry)
  })

  it('is read back, whatever the names are, in segments that a file system takes', () => {
    const segment = fc.string({ unit: 'binary', maxLength: 140 }).map(keySegment)
    const entries = fc.record({
      cluster: fc.oneof(segment, fc.constant('_none')),
      namespace: fc.oneof(segment, fc.constant('_unverified')),
      time: fc.date({ min: new Date('1990-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
      pod: segment,
      container: segment,
      comm: segment,
      pid: fc.nat(),
      podUid: fc.option(fc.uuid()),
      signal: fc.option(fc.nat({ max: 64 })),
      storedBytes: fc.nat(),
    })
    fc.assert(
      fc.property(entries, made => {
        const time = new Date(Math.floor(made.time.getTime() / 1000) * 1000)
        const comm = made.comm.slice(0, 64)
        const container = made.namespace === '_unverified' ? '' : made.container
        fc.pre(keySegment(comm) === comm)
        const entry = { ...made, time, comm, container, id: ENTRY.id, group: ENTRY.group }
        for (const key of [namespaceIndexKey(entry), timeIndexKey(entry)]) {
          assert.deepEqual(parseIndexKey(key), entry)
          assert.ok(key.split('/').every(part => part.length <= 200 && !/^\.*$/.test(part)))
          assert.ok(key.length < 1000)
        }
      }),
      inputs(),
    )
  })

  it('is no key that we do not make', () => {
    const key = namespaceIndexKey(ENTRY)
    const wrong = [
      key.replace('shop', '..'),
      key.replace('shop/', 'shop//'),
      key.replace('8204765122', '820476512x'),
      key.replace('_11_', '_011_'),
      key.replace('_app_', '_a!!../_'),
      key.replace('_index', '_index2'),
      `${key}/x`,
      `${key}_x`,
      '',
    ]
    for (const one of wrong) assert.equal(parseIndexKey(one), null, one)
    const anything = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(anything, text => assert.equal(parseIndexKey(`_index/namespace/${text}`), null)),
      inputs(),
    )
  })

  it('of a namespace is asked as a person writes it', () => {
    assert.equal(namespaceIndexPrefix({ cluster: '', namespace: '../x' }), '_index/namespace/_none/.._x/')
    assert.equal(
      crashFolder({ kind: 'pod', namespace: 'a', pod: 'b', container: 'c' }, ENTRY).split('/')[0],
      'a',
    )
  })
})
