import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { StoreError } from '../../../storage/errors.ts'
import { type Fault, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import type { SeenRequest } from '../../fakes/s3-operations.ts'
import { s3StoreOf } from './s3-store-of.ts'

const WITH_BODY = ['PutObject', 'UploadPart']
const core = randomBytes(17_000_000)

/** A bucket with Object Lock, in the words of those who have it. */
function locked(code: string, message: string) {
  return ({ operation, headers }: SeenRequest): Fault | null => {
    const isWithout = headers['content-md5'] === undefined
    return WITH_BODY.includes(operation) && isWithout ? faults.refuse(400, code, message) : null
  }
}

for (const [code, message] of [
  [
    'InvalidRequest',
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
  ],
  ['MissingContentMD5', 'Missing required header for this request: Content-Md5.'],
] as const) {
  it(`S3Store.put() sends Content-MD5 to a store that answers ${code}, and stays so`, async () => {
    await using s3 = await startFakeS3({ faultOf: locked(code, message) })
    const store = s3StoreOf(s3)
    assert.equal(await store.put('core.gz', [core], core.length), 'stored')
    assert.equal(await store.put('report.json', [Buffer.from('{}')], 2), 'stored')
    assert.ok(core.equals(s3.bucket().get('corefiles/core.gz').bytes))
    const unasked = s3.requests.filter(
      ({ operation, headers }) => WITH_BODY.includes(operation) && headers['content-md5'] === undefined,
    )
    // Those that were on their way when the store first said so.
    assert.ok(unasked.length >= 1 && unasked.every(({ operation }) => operation === 'UploadPart'))
  })
}

it('S3Store.put() sends Content-MD5 to nobody who does not ask for it', async () => {
  await using s3 = await startFakeS3()
  await s3StoreOf(s3).put('core.gz', [core], core.length)
  assert.ok(s3.requests.every(({ headers }) => headers['content-md5'] === undefined))
})

it('S3Store.put() asks once more, and not for ever', async () => {
  await using s3 = await startFakeS3()
  s3.fail('PutObject', faults.refuse(400, 'InvalidRequest', 'Content-MD5 is required'), { times: 99 })
  await assert.rejects(s3StoreOf(s3).put('k', [Buffer.from('x')], 1), StoreError)
  assert.equal(s3.seen('PutObject').length, 2)
})
