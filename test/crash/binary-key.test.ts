import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { binaryKey, binaryOwner, parseBinaryKey } from '../../crash/binary-key.ts'
import { type Owner, parseCrashFolder } from '../../crash/object-key.ts'
import { inputs } from '../inputs.ts'

const POD: Owner = { kind: 'pod', namespace: 'shop', pod: 'web-1', container: 'app' }
const SHA256 = 'ab'.repeat(32)

it('binaryKey() has cluster, namespace, build id and hash in it', () => {
  assert.equal(binaryKey(binaryOwner(POD, 'prod'), 'c0ffee', SHA256), `_binaries/prod/shop/c0ffee/${SHA256}`)
  const host = binaryOwner({ kind: 'host', node: 'node-1' })
  assert.equal(binaryKey(host, null, SHA256), `_binaries/_none/_host/_none/${SHA256}`)
  const unsure = binaryOwner({ kind: 'unverified', node: 'node-1' }, '_none')
  assert.equal(binaryKey(unsure, '', SHA256), `_binaries/none/_unverified/_none/${SHA256}`)
})

it('a tenant leads binaryKey() nowhere by a build id', () => {
  for (const buildId of ['../../other', 'C0FFEE', 'abc', 'ab/cd', 'ab'.repeat(65), 'ab\n'])
    assert.equal(
      binaryKey(binaryOwner(POD, 'prod'), buildId, SHA256),
      `_binaries/prod/shop/_none/${SHA256}`,
      buildId,
    )
})

it('parseBinaryKey() knows what binaryKey() makes, whatever the names are', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (namespace, cluster, buildId) => {
      const owner = binaryOwner({ ...POD, namespace }, cluster)
      const key = binaryKey(owner, buildId, SHA256)
      assert.deepEqual(parseBinaryKey(key), owner)
      assert.equal(key.split('/').length, 5)
      assert.ok(Buffer.byteLength(key) <= 500)
    }),
    inputs(),
  )
})

it('parseBinaryKey() takes nothing else for ours', () => {
  for (const key of [
    '',
    '_binaries',
    `_binaries/prod/shop/c0ffee/${SHA256}x`,
    `_binaries/prod/shop/c0ffee/${SHA256}/more`,
    `_binaries/prod/shop/C0FFEE/${SHA256}`,
    `_binaries/prod/_other/c0ffee/${SHA256}`,
    `_binaries/prod//c0ffee/${SHA256}`,
    `_binaries/../shop/c0ffee/${SHA256}`,
    `shop/prod/shop/c0ffee/${SHA256}`,
  ])
    assert.equal(parseBinaryKey(key), null, key)
})

it('no folder of programs is taken for one of a crash', () => {
  assert.equal(parseCrashFolder('_binaries/prod/shop/20261121T042117Z-web-1-0123456789ab'), null)
  assert.equal(parseCrashFolder(`_binaries/prod/shop/c0ffee/${SHA256}`), null)
})
