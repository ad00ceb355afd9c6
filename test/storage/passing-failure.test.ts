import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isPassing } from '../../storage/passing-failure.ts'
import type { HandoffCredentials } from '../../storage/s3/s3-credentials.ts'
import { faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { QUICK, s3StoreOf } from './s3/s3-store-of.ts'

const body = Buffer.from('core')

const PASSING = [
  [400, 'RequestTimeout'],
  [400, 'IncompleteBody'],
  [400, 'EntitySizeNotMatch'],
  [400, 'BadDigest'],
  [400, 'XAmzContentSHA256Mismatch'],
  [400, 'XAmzContentChecksumMismatch'],
  [403, 'RequestTimeTooSkewed'],
  [409, 'OperationAborted'],
  [409, 'ConcurrentModification'],
  [499, 'ClientDisconnected'],
  [500, 'InternalError'],
  [503, 'SlowDown'],
  [503, 'SlowDownWrite'],
  [503, 'XMinioServerNotInitialized'],
  [503, 'TotalQpsLimitExceeded'],
] as const

for (const [status, code] of PASSING) {
  it(`S3Store.put() is patient with ${status} ${code}: the code decides before the status`, async () => {
    await using s3 = await startFakeS3()
    // More often than one request is tried again.
    s3.fail('PutObject', faults.refuse(status, code), { times: QUICK.attempts + 1 })
    await s3StoreOf(s3, {}, { partMs: 60_000 }).put('core.gz', [body], body.length)
    assert.ok(body.equals(s3.bucket().get('corefiles/core.gz').bytes))
  })
}

const REFUSALS = [
  [403, 'AccessDenied'],
  [404, 'NoSuchBucket'],
  [403, 'InvalidAccessKeyId'],
  [400, 'ExpiredToken'],
  [503, 'NoSuchBucket'],
  [500, 'QuotaExceeded'],
  [418, 'Teapot'],
] as const

for (const [status, code] of REFUSALS) {
  it(`S3Store.put() does not ask again after ${status} ${code}`, async () => {
    await using s3 = await startFakeS3()
    s3.fail('PutObject', faults.refuse(status, code), { times: Number.POSITIVE_INFINITY })
    await assert.rejects(s3StoreOf(s3, {}, { partMs: 60_000 }).put('core.gz', [body], body.length))
    assert.equal(s3.seen('PutObject').length, 1)
  })
}

for (const code of ['ExpiredToken', 'SecurityTokenExpired', 'InvalidAccessKeyId']) {
  it(`S3Store.put() goes on with the successor of credentials of which the store says ${code}`, async () => {
    await using s3 = await startFakeS3()
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const old: HandoffCredentials = { accessKeyId: 'ASIAOLD', secretAccessKey: 'old', expiresAt }
    let asked = 0
    const credentials = async () => (asked++ < 2 ? old : { ...s3.credentials, expiresAt })
    s3.fail('PutObject', faults.refuse(403, code), { times: 1 })
    await s3StoreOf(s3, { credentials: null }, { partMs: 60_000 }, { credentials }).put('core.gz', [body], 4)
    assert.ok(body.equals(s3.bucket().get('corefiles/core.gz').bytes))
  })
}

it('isPassing() takes of an answer that nobody knows only the failures of the store for passing', () => {
  const answer = (status: number) =>
    Object.assign(new Error('words'), { name: 'Odd', $metadata: { httpStatusCode: status } })
  assert.deepEqual(
    [200, 400, 403, 418, 429, 500, 503, 520, 599].map(answer).map(cause => isPassing(cause)),
    [...[false, false, false, false, true, true, true, true, true]],
  )
  assert.ok(isPassing(new Error('no answer at all')))
})
