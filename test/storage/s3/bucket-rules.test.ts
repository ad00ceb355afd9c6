import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CRASH_TAG } from '../../../storage/bucket-rules.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const UNENDED = new AbortController().signal
const RULES = 'GetBucketLifecycleConfiguration'

async function rulesOf(s3: FakeS3, ...rules: readonly string[]) {
  const body = `<LifecycleConfiguration>${rules.map(rule => `<Rule>${rule}</Rule>`).join('')}</LifecycleConfiguration>`
  s3.fail(RULES, faults.say(200, body))
  return (await s3StoreOf(s3).bucketRules(UNENDED)).rules
}

const tag = '<Tag><Key>coredog</Key><Value>crash</Value></Tag>'
const TAKES_NOTHING = { tags: [], isBySize: false, expirationDays: null, noncurrentDays: null }

it('rules are read in all the forms that S3 knows', async () => {
  await using s3 = await startFakeS3()
  const found = await rulesOf(
    s3,
    `<Status>Enabled</Status><Filter><And><Prefix>a/</Prefix>${tag}</And></Filter><Expiration><Days>30</Days></Expiration>`,
    `<Status>Disabled</Status><Filter>${tag}</Filter><Expiration><Date>2026-01-01T00:00:00Z</Date></Expiration>`,
    '<Status>Enabled</Status><Prefix>b/</Prefix><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration>',
    '<Status>Enabled</Status><Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>',
    '<Status>Enabled</Status><Filter><And><Prefix>c/</Prefix><ObjectSizeLessThan>5</ObjectSizeLessThan></And></Filter><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>',
    '',
  )
  const enabled = { ...TAKES_NOTHING, isEnabled: true, prefix: '' }
  assert.deepEqual(found, [
    { ...enabled, prefix: 'a/', tags: [CRASH_TAG], expirationDays: 30 },
    { ...enabled, isEnabled: false, tags: [CRASH_TAG], expirationDays: 0 },
    { ...enabled, prefix: 'b/', noncurrentDays: 2 },
    { ...enabled, isBySize: true },
    // The newest older version is not taken.
    { ...enabled, prefix: 'c/', isBySize: true },
    { ...enabled, isEnabled: false },
  ])
})

for (const [status, keepsVersions] of [
  ['', false],
  ['<Status>Enabled</Status>', true],
  ['<Status>Suspended</Status>', true],
] as const)
  it(`versions are kept, by ${status || 'no status'}: ${keepsVersions}`, async () => {
    await using s3 = await startFakeS3()
    s3.fail(
      'GetBucketVersioning',
      faults.say(200, `<VersioningConfiguration>${status}</VersioningConfiguration>`),
    )
    const found = await s3StoreOf(s3).bucketRules(UNENDED)
    assert.deepEqual(found, { keepsVersions, rules: [], refusesTags: false })
  })

for (const [name, status, code] of [
  ['may not be asked for', 403, 'AccessDenied'],
  ['are not known to the store', 501, 'NotImplemented'],
  ['are a bad request to the store', 400, 'InvalidArgument'],
] as const)
  it(`rules and versions that ${name} are no failure`, async () => {
    await using s3 = await startFakeS3({ faultOf: () => faults.refuse(status, code) })
    const found = await s3StoreOf(s3).bucketRules(UNENDED)
    assert.deepEqual(found, { keepsVersions: 'unknown', rules: 'unknown', refusesTags: false })
  })

it('a bucket that is not there is one, and so is a store that does not answer in time', async () => {
  await using s3 = await startFakeS3()
  s3.fail(RULES, faults.refuse(404, 'NoSuchBucket'))
  await assert.rejects(s3StoreOf(s3).bucketRules(UNENDED), /bucket/i)
  s3.fail(RULES, faults.hang())
  const ended = new AbortController()
  const asked = s3StoreOf(s3).bucketRules(ended.signal)
  ended.abort()
  await assert.rejects(asked)
})
