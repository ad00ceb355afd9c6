import assert from 'node:assert/strict'
import { it } from 'node:test'
import { StoreError } from '../../../storage/errors.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const KEYS = Array.from({ length: 2100 }, (_, at) => `shop/${at}`)

function full(s3: FakeS3): FakeS3 {
  for (const key of KEYS) s3.bucket().put(`corefiles/${key}`, Buffer.from('x'), '')
  return s3
}

function askedOf(s3: FakeS3, operation: string): number {
  return s3.requests.filter(request => request.operation === operation).length
}

it('a thousand go in one request, which has its digest', async () => {
  await using s3 = full(await startFakeS3())
  await s3StoreOf(s3).removeAll(KEYS)
  assert.deepEqual([s3.bucket().keys(), askedOf(s3, 'DeleteObjects')], [[], 3])
  const { headers } = s3.requests[0] ?? assert.fail()
  assert.equal(typeof headers['content-md5'], 'string')
  assert.deepEqual(
    Object.keys(headers).filter(name => /checksum/.test(name)),
    [],
  )
})

for (const [status, code] of [
  [400, 'MissingContentMD5'],
  [405, 'MethodNotAllowed'],
  [501, 'NotImplemented'],
] as const)
  it(`a store that answers ${status} to it is asked for each, from then on`, async () => {
    await using s3 = full(await startFakeS3())
    s3.fail('DeleteObjects', faults.refuse(status, code))
    const store = s3StoreOf(s3)
    await store.removeAll(KEYS)
    assert.deepEqual([s3.bucket().keys(), askedOf(s3, 'DeleteObjects')], [[], 1])
    assert.equal(askedOf(s3, 'DeleteObject'), KEYS.length)
  })

it('a 400 that is about something else is none, and says what it is', async () => {
  await using s3 = full(await startFakeS3())
  s3.fail('DeleteObjects', faults.refuse(400, 'ExpiredToken'), { times: 1 })
  s3.fail('DeleteObject', faults.refuse(400, 'ExpiredToken'), { times: 8 })
  const store = s3StoreOf(s3)
  await assert.rejects(store.removeAll(KEYS), StoreError)
  await store.removeAll(KEYS)
  assert.deepEqual([s3.bucket().keys(), askedOf(s3, 'DeleteObjects')], [[], 4])
})

it('what the store would not remove of them is asked for again, by itself, and says why', async () => {
  await using s3 = full(await startFakeS3())
  const refused = `<DeleteResult><Error><Key>corefiles/shop/7</Key><Code>AccessDenied</Code></Error></DeleteResult>`
  s3.fail('DeleteObjects', faults.say(200, refused), { times: 1 })
  s3.fail('DeleteObject', faults.refuse(403, 'AccessDenied'), { times: 1 })
  await assert.rejects(s3StoreOf(s3).removeAll(KEYS.slice(0, 10)), /shop\/7/)
})
