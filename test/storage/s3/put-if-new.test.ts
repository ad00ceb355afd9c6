import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { StoreError } from '../../../storage/errors.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const KEY = '_groups/prod/shop/Deployment.api/c0ffee/kept/1-0'
const NEVER = new AbortController().signal

describe('S3Store.putIfNew()', () => {
  let s3: FakeS3
  beforeEach(async () => {
    s3 = await startFakeS3()
  })
  afterEach(() => s3[Symbol.asyncDispose]())
  const put = (body: string) => s3StoreOf(s3).putIfNew(KEY, Buffer.from(body), NEVER)
  const conflict = () => faults.refuse(409, 'ConditionalRequestConflict', 'A conflicting operation occurred.')

  it('needs one request to win, and one to be refused', async () => {
    assert.deepEqual([await put('mine'), await put('theirs')], ['won', 'refused'])
    assert.deepEqual(
      s3.requests.map(({ operation, headers }) => [operation, headers['if-none-match']]),
      [
        ['PutObject', '*'],
        ['PutObject', '*'],
      ],
    )
  })

  it('has won where the answer to what it stored got lost', async () => {
    s3.fail('PutObject', faults.loseAnswer())
    assert.equal(await put('mine'), 'won')
    assert.deepEqual([s3.seen('PutObject').length, s3.seen('GetObject').length], [2, 1])
  })

  it('is refused where its first try failed and another one stored meanwhile', async () => {
    assert.equal(await put('theirs'), 'won')
    s3.fail('PutObject', faults.slowDown())
    assert.equal(await put('mine'), 'refused')
  })

  it('rejects where it cannot be said whose the object is', async () => {
    s3.fail('PutObject', faults.loseAnswer())
    s3.fail('GetObject', faults.refuse(403, 'AccessDenied'))
    await assert.rejects(put('mine'), StoreError)
  })

  it('asks again where another one is in the middle, and is refused in the end', async () => {
    s3.fail('PutObject', conflict())
    assert.equal(await put('mine'), 'won')
    s3.fail('PutObject', conflict(), { times: 4 })
    assert.equal(await put('theirs'), 'refused')
  })

  it('is refused by 409, which COS and OSS answer', async () => {
    s3.fail('PutObject', faults.refuse(409, 'FileAlreadyExists', 'The object you specified already exists.'))
    assert.equal(await put('mine'), 'refused')
    assert.equal(s3.requests.length, 1)
  })

  it('rejects where the store does not know the condition', async () => {
    s3.fail('PutObject', faults.refuse(501, 'NotImplemented', 'A header is not implemented.'))
    await assert.rejects(put('mine'), { name: 'StoreError', status: 501 })
    assert.equal(s3.requests.length, 1)
  })

  it('wins twice where the store ignores the condition', async () => {
    await using other = await startFakeS3({ rules: { ignoresConditions: true } })
    const store = s3StoreOf(other)
    assert.equal(await store.putIfNew(KEY, Buffer.from('a'), NEVER), 'won')
    assert.equal(await store.putIfNew(KEY, Buffer.from('b'), NEVER), 'won')
  })
})
