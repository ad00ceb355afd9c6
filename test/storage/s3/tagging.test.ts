import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const FOLDER = 'shop/web-0/app/20261101T000000Z-app-1-0123456789ab'
const LARGE = Buffer.alloc(9 * 2 ** 20)
/** In parts of 8 MiB. */
const PARTED = LARGE.length

/** What was tried, and with which tag. */
function tries({ requests }: FakeS3): readonly (readonly [string, unknown])[] {
  return requests
    .filter(({ operation }) => ['PutObject', 'CreateMultipartUpload'].includes(operation))
    .map(({ operation, key, headers }) => [`${operation} ${key.split('/').at(-1)}`, headers['x-amz-tagging']])
}

it('crashes are tagged where a rule removes them, and nothing else is, nor elsewhere', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3, { tagsCrashes: true })
  for (const key of [
    `${FOLDER}/core.gz`,
    `${FOLDER}/report.json`,
    '_index/time/x',
    '_binaries/y',
    '_groups/z',
  ])
    await store.put(key, [Buffer.from('x')], 1)
  await store.put(`${FOLDER}/core.zst`, [LARGE], PARTED)
  await s3StoreOf(s3).put(`${FOLDER}/core`, [Buffer.from('x')], 1)
  assert.deepEqual(tries(s3), [
    ['PutObject core.gz', 'coredog=crash'],
    ['PutObject report.json', 'coredog=crash'],
    ...['x', 'y', 'z'].map(name => [`PutObject ${name}`, undefined]),
    ['CreateMultipartUpload core.zst', 'coredog=crash'],
    ['PutObject core', undefined],
  ])
})

for (const [status, code] of [
  [403, 'AccessDenied'],
  [400, 'InvalidArgument'],
  [501, 'NotImplemented'],
  [405, 'MethodNotAllowed'],
] as const)
  it(`a store that says ${status} of a tag gets the crash without, and is not asked for one again`, async () => {
    await using s3 = await startFakeS3({
      faultOf: ({ headers }) => (headers['x-amz-tagging'] === undefined ? null : faults.refuse(status, code)),
    })
    const store = s3StoreOf(s3, { tagsCrashes: true })
    assert.equal(await store.put(`${FOLDER}/core.zst`, [LARGE], PARTED), 'stored')
    assert.equal(await store.put(`${FOLDER}/report.json`, [Buffer.from('{}')], 2), 'stored')
    assert.deepEqual(tries(s3), [
      ['CreateMultipartUpload core.zst', 'coredog=crash'],
      ['CreateMultipartUpload core.zst', undefined],
      ['PutObject report.json', undefined],
    ])
    assert.equal(s3.bucket().get(`corefiles/${FOLDER}/core.zst`).bytes.length, LARGE.length)
    assert.equal((await store.bucketRules(new AbortController().signal)).refusesTags, true)
  })

it('a small object is stored without its tag, too', async () => {
  await using s3 = await startFakeS3()
  s3.fail('PutObject', faults.refuse(403, 'AccessDenied'))
  await s3StoreOf(s3, { tagsCrashes: true }).put(`${FOLDER}/report.json`, [Buffer.from('{}')], 2)
  assert.equal(s3.bucket().get(`corefiles/${FOLDER}/report.json`).bytes.toString(), '{}')
})

it('what the store says without a tag counts, and it is tried again with one the next time', async () => {
  await using s3 = await startFakeS3()
  const store = s3StoreOf(s3, { tagsCrashes: true })
  s3.fail('PutObject', faults.refuse(403, 'AccessDenied'), { times: 2 })
  await assert.rejects(store.put(`${FOLDER}/core.gz`, [Buffer.from('x')], 1), /s3:PutObject|refuse/)
  await store.put(`${FOLDER}/core.gz`, [Buffer.from('x')], 1)
  assert.deepEqual(
    tries(s3).map(([, tag]) => tag),
    ['coredog=crash', undefined, 'coredog=crash'],
  )
})

for (const [status, code] of [
  [503, 'SlowDown'],
  [400, 'RequestTimeout'],
  [400, 'ExpiredToken'],
  [404, 'NoSuchBucket'],
] as const)
  it(`${code} says nothing of the tag: it is kept`, async () => {
    await using s3 = await startFakeS3({ faultOf: () => faults.refuse(status, code) })
    await assert.rejects(s3StoreOf(s3, { tagsCrashes: true }).put(`${FOLDER}/core.gz`, [Buffer.from('x')], 1))
    assert.deepEqual(new Set(tries(s3).map(([, tag]) => tag)), new Set(['coredog=crash']))
  })
