import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import {
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { parseSelfTest } from '../../../installer/status/self-test-report.ts'
import { callOn } from '../../handler/commands/handler-on-bucket.ts'
import { findProgram } from '../../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../../real-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const UNENDED = new AbortController().signal
const FOLDER = 'shop/web-0/app/20261101T000000Z-app-1-0123456789ab'
const skip = findProgram('versitygw') === null && NO_GATEWAY

async function gatewayFor(t: TestContext, versions?: 'versions') {
  const gateway = (await startVersityGateway(versions)) ?? assert.fail(NO_GATEWAY)
  t.after(gateway.close)
  const client = new S3Client({ ...gateway, forcePathStyle: true })
  t.after(() => client.destroy())
  return { gateway, client, Bucket: gateway.bucket, store: s3StoreOf(gateway, { tagsCrashes: true }) }
}

it('a real store has the tags of crashes, whole or in parts, and none of what lies beside them', {
  skip,
}, async t => {
  const { client, Bucket, store, gateway } = await gatewayFor(t)
  const large = Buffer.alloc(9 * 2 ** 20)
  await store.put(`${FOLDER}/core.gz`, [large], large.length)
  for (const key of [`${FOLDER}/report.json`, '_index/time/x', '_groups/x/summary.json'])
    await store.put(key, [Buffer.from('{}')], 2)
  const tagsOf = async (key: string) =>
    (await client.send(new GetObjectTaggingCommand({ Bucket, Key: `corefiles/${key}` }))).TagSet
  for (const name of ['core.gz', 'report.json'])
    assert.deepEqual(await tagsOf(`${FOLDER}/${name}`), [{ Key: 'coredog', Value: 'crash' }])
  for (const key of ['_index/time/x', '_groups/x/summary.json'])
    assert.deepEqual((await tagsOf(key).catch(() => [])) ?? [], [])
  // It knows no rules: 501.
  const said = { keepsVersions: false, rules: 'unknown', refusesTags: false }
  assert.deepEqual(await store.bucketRules(UNENDED), said)
  const { stdout, exitCode } = await callOn(t, gateway, 'self-test', {
    retention: { by: 'lifecycle', maxAge: '30d' },
  })
  assert.equal(exitCode, 0, stdout)
  assert.match(stdout, /^warn {3}bucket: the rules of the bucket cannot be read/m)
})

it('a real bucket that keeps versions keeps what is removed or overwritten, of which the self-test warns', {
  skip,
}, async t => {
  const { client, Bucket, store, gateway } = await gatewayFor(t, 'versions')
  const Status = 'Enabled'
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
  const counts = '_groups/x/seen/node-1'
  for (const bytes of [1, 2, 3]) await store.put(counts, [Buffer.alloc(bytes)], bytes)
  await store.put(`${FOLDER}/core.gz`, [Buffer.alloc(100)], 100)
  await store.removeAll([`${FOLDER}/core.gz`])
  assert.equal(await store.look(`${FOLDER}/core.gz`), 'absent')
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }))
  const older = Versions.filter(({ IsLatest }) => !IsLatest).map(({ Key, Size }) => [Key, Size])
  assert.deepEqual(older.toSorted(), [
    [`corefiles/${counts}`, 1],
    [`corefiles/${counts}`, 2],
    [`corefiles/${FOLDER}/core.gz`, 100],
  ])
  assert.equal((await store.bucketRules(UNENDED)).keepsVersions, true)
  const checks = parseSelfTest(await callOn(t, gateway, 'self-test', { retention: { maxAge: '30d' } }))
  const [said, ...more] = checks.filter(({ name }) => name === 'bucket')
  assert.deepEqual([said?.warning, more], [true, []])
  assert.match(said?.text ?? '', /^the bucket keeps versions, and it is not known whether a rule/)
  assert.match(said?.hint ?? '', /"NoncurrentVersionExpiration":\{"NoncurrentDays":1\}/)
})
