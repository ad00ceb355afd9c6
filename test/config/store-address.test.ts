import assert from 'node:assert/strict'
import { it } from 'node:test'
import { settingsOfBucket } from '../../config/store-address.ts'

const NOWHERE = { endpoint: '', region: '' }

it('settingsOfBucket() reads an address, or a name alone', () => {
  const one = (address: string) => Object.values(settingsOfBucket(address, NOWHERE) ?? {})
  assert.deepEqual(one('s3://cores/prod/a'), ['s3', 'cores', '', 'us-east-1', '/prod/a'])
  assert.deepEqual(one('cores'), ['s3', 'cores', '', 'us-east-1', '/'])
  assert.deepEqual(one('oss://cores/x/'), ['oss', 'cores', '', '', '/x/'])
})

it('settingsOfBucket() keeps what is said of the place', () => {
  const place = { endpoint: 'http://minio:9000', region: 'eu-central-1' }
  const { S3Endpoint, s3Region } = settingsOfBucket('s3://cores', place) ?? {}
  assert.deepEqual([S3Endpoint, s3Region], ['http://minio:9000', 'eu-central-1'])
})

for (const address of ['', 's3://', 's3://../x', 'gs://cores', '/mnt/cores', 'a/b', 'http://host/cores'])
  it(`settingsOfBucket() refuses "${address}"`, () => assert.equal(settingsOfBucket(address, NOWHERE), null))
