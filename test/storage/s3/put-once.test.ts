import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Rereadable } from '../../../storage/rereadable.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const KEY = '_binaries/prod/shop/c0ffee/abc'
const PLACE = `corefiles/${KEY}`

describe('S3Store.putOnce()', () => {
  let s3: FakeS3
  beforeEach(async () => {
    s3 = await startFakeS3()
  })
  afterEach(() => s3[Symbol.asyncDispose]())

  it('leaves what another handler stored since it was looked', async () => {
    for (const sizeBytes of [1000, 9 * 2 ** 20]) {
      const [bytes, same] = [randomBytes(sizeBytes), Buffer.alloc(sizeBytes)]
      const content = {
        ...rereadable(bytes),
        *read() {
          yield bytes.subarray(0, 10)
          s3.bucket().put(PLACE, same, '')
          yield bytes.subarray(10)
        },
      }
      assert.equal(await s3StoreOf(s3).putOnce(KEY, content), 'present')
      assert.ok(same.equals(s3.bucket().get(PLACE).bytes))
      assert.equal(s3.bucket().uploads.size, 0)
      s3.bucket().objects.clear()
    }
  })

  it('asks for what the store is to be asked for with each object', async () => {
    const store = s3StoreOf(s3, { encryption: { algorithm: 'aws:kms', keyId: 'key-1' } })
    await store.putOnce(KEY, rereadable(randomBytes(10)))
    const headers = s3.seen('PutObject')[0]?.headers ?? {}
    assert.deepEqual(
      [headers['if-none-match'], headers['x-amz-server-side-encryption'], headers['content-type']],
      ['*', 'aws:kms', 'application/octet-stream'],
    )
  })

  for (const sizeBytes of [10, 9 * 2 ** 20])
    it(`sends ${sizeBytes} bytes without a condition to a store that knows none`, async () => {
      const on = sizeBytes === 10 ? 'PutObject' : 'CompleteMultipartUpload'
      s3.fail(on, faults.refuse(501, 'NotImplemented', 'A header you provided is not implemented.'))
      assert.equal(await s3StoreOf(s3).putOnce(KEY, rereadable(randomBytes(sizeBytes))), 'stored')
      assert.deepEqual(
        s3.seen(on).map(({ headers }) => headers['if-none-match']),
        ['*', undefined],
      )
      assert.equal(s3.bucket().uploads.size, 0)
    })

  it('stores what another handler was about to store, and has not', async () => {
    for (const sizeBytes of [10, 9 * 2 ** 20]) {
      const bytes = randomBytes(sizeBytes)
      const on = sizeBytes === 10 ? 'PutObject' : 'CompleteMultipartUpload'
      for (let tries = 0; tries < 4; tries += 1)
        s3.fail(on, faults.refuse(409, 'ConditionalRequestConflict', 'A conflicting operation occurred.'))
      assert.equal(await s3StoreOf(s3).putOnce(KEY, rereadable(bytes)), 'stored')
      assert.ok(bytes.equals(s3.bucket().get(PLACE).bytes))
      assert.equal(s3.bucket().uploads.size, 0)
      s3.bucket().objects.clear()
    }
  })

  it('leaves what is stored by a store that refuses in the middle of the body, so that its answer is lost', async () => {
    const [bytes, same] = [randomBytes(1000), Buffer.alloc(1000)]
    s3.bucket().put(PLACE, same, '')
    s3.fail('PutObject', faults.reset(), { times: 4 })
    assert.equal(await s3StoreOf(s3).putOnce(KEY, rereadable(bytes)), 'present')
    assert.ok(same.equals(s3.bucket().get(PLACE).bytes))
  })

  it('finds what it completed where the answer got lost, and the store has no such upload at the next try', async () => {
    const bytes = randomBytes(9 * 2 ** 20)
    s3.fail('CompleteMultipartUpload', faults.loseAnswer())
    s3.fail('CompleteMultipartUpload', faults.refuse(404, 'NoSuchUpload'))
    assert.equal(await s3StoreOf(s3).putOnce(KEY, rereadable(bytes)), 'present')
    assert.ok(bytes.equals(s3.bucket().get(PLACE).bytes))
  })

  it('says that the connection broke where it is not stored, or cannot be looked at', async () => {
    for (const [status, stored] of [
      [200, 'absent'],
      [200, 'other'],
      [403, 'whole'],
      [500, 'whole'],
    ] as const) {
      s3.bucket().objects.clear()
      if (stored !== 'absent') s3.bucket().put(PLACE, Buffer.alloc(stored === 'whole' ? 10 : 9), '')
      s3.fail('PutObject', faults.reset(), { times: 4 })
      if (status !== 200) s3.fail('HeadObject', faults.refuse(status, 'Refused'), { times: 4 })
      if (status === 403) s3.fail('ListObjectsV2', faults.refuse(403, 'AccessDenied'))
      const sent = s3StoreOf(s3).putOnce(KEY, rereadable(randomBytes(10)))
      await assert.rejects(sent, /the connection to the store broke/)
      s3.heal()
    }
  })

  it('says so where the store confirmed what it does not have', async () => {
    s3.fail('PutObject', faults.lie())
    await assert.rejects(
      s3StoreOf(s3).putOnce(KEY, rereadable(randomBytes(10))),
      /the store confirmed the object and does not have it$/,
    )
  })

  it('believes a store that it may not look at, and look() says that it may not', async () => {
    for (let times = 0; times < 2; times += 1) s3.fail('HeadObject', faults.refuse(403, 'AccessDenied'))
    s3.fail('ListObjectsV2', faults.refuse(403, 'AccessDenied'))
    const store = s3StoreOf(s3)
    assert.equal(await store.look(KEY), 'hidden')
    assert.equal(await store.putOnce(KEY, rereadable(randomBytes(10))), 'stored')
    s3.fail('HeadObject', faults.refuse(403, 'AccessDenied'))
    s3.fail('ListObjectsV2', faults.refuse(403, 'AccessDenied'))
    assert.equal(await store.putOnce(KEY, rereadable(randomBytes(10))), 'present')
  })

  it('asks a store that does not answer no longer than it is wanted, and says why', async () => {
    const late = new AbortController()
    s3.fail('UploadPart', faults.hang())
    const content = { ...rereadable(Buffer.alloc(20 * 2 ** 20)), signal: late.signal }
    const sending = s3StoreOf(s3).putOnce(KEY, content)
    while (s3.seen('UploadPart').length === 0) await setImmediate()
    late.abort(new Error('it took longer than 60 s'))
    await assert.rejects(sending, /: it took longer than 60 s$/)
  })
})

function rereadable(bytes: Buffer): Rereadable {
  return { sizeBytes: bytes.length, read: () => [bytes], signal: new AbortController().signal }
}
