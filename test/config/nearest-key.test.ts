import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { nearestKey } from '../../config/nearest-key.ts'
import { inputs } from '../inputs.ts'

const KNOWN = ['s3AccesskeyID', 's3Region', 'S3Bucket', 'S3Endpoint', 'StoreDir', 'gc', 'gc_type']

const cases = {
  s3bucket: 'S3Bucket',
  s3AccessKeyID: 's3AccesskeyID',
  s3_region: 's3Region',
  'store-dir': 'StoreDir',
  gcType: 'gc_type',
  S3Endpont: 'S3Endpoint',
  Region: 's3Region',
  Bukcet: null,
  gd: 'gc',
  logging: null,
  '': null,
}

for (const [key, nearest] of Object.entries(cases)) {
  it(`nearestKey() takes "${key}" for ${nearest}`, () => assert.equal(nearestKey(key, KNOWN), nearest))
}

it('nearestKey() finds a key again after one letter was lost', () => {
  const known = fc.constantFrom('s3AccesskeyID', 'S3Bucket', 'S3Endpoint', 'StoreDir')
  fc.assert(
    fc.property(known, fc.nat(), (key, chance) => {
      const at = chance % key.length
      assert.equal(nearestKey(key.slice(0, at) + key.slice(at + 1), KNOWN), key)
    }),
    inputs(),
  )
})

it('nearestKey() gives up on a key that is longer than any', () => {
  assert.equal(nearestKey('x'.repeat(1_000_000), KNOWN), null)
})
