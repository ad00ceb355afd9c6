import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseSelfTest } from '../../../installer/status/self-test-report.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { callOn } from './handler-on-bucket.ts'

const BY_RULE = { retention: { by: 'lifecycle', maxAge: '30d' } }
const BY_US = { retention: { maxAge: '30d' } }

/** As S3 has what was put as JSON. */
function hasRules(s3: FakeS3, json: string): void {
  const body = asXml(JSON.parse(json), 'LifecycleConfiguration')
  s3.fail('GetBucketLifecycleConfiguration', faults.say(200, body), { times: 9 })
}

const ONE_OF: Readonly<Record<string, string>> = { Rules: 'Rule', Tags: 'Tag' }

function asXml(value: unknown, name: string): string {
  if (Array.isArray(value)) return value.map(one => asXml(one, ONE_OF[name] ?? name)).join('')
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([child, of]) => asXml(of, child))
          .join('')
      : String(value)
  return `<${name}>${inside}</${name}>`
}

function keepsVersions(s3: FakeS3): void {
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  s3.fail('GetBucketVersioning', faults.say(200, body), { times: 9 })
}

for (const [name, settings, versions] of [
  ['crashes', BY_RULE, false],
  ['crashes and older versions', BY_RULE, true],
  ['older versions of what retention removes', BY_US, true],
  ['older versions of what is overwritten', {}, true],
] as const)
  it(`lifecycle prints rules for ${name}, which it has nothing against once the bucket has them`, async t => {
    await using s3 = await startFakeS3()
    if (versions) keepsVersions(s3)
    const before = await callOn(t, s3, 'lifecycle', settings)
    assert.equal(before.exitCode, 1, before.stderr)
    assert.match(before.stderr, versions ? /^the bucket keeps versions/m : /^no rule takes what is tagged/)
    hasRules(s3, before.stdout)
    const after = await callOn(t, s3, 'lifecycle', settings)
    assert.deepEqual(after, { exitCode: 0, stdout: before.stdout, stderr: '' })
    assert.deepEqual(s3.seen('PutObject'), [])
  })

it('lifecycle says what a store is that has no rules, or does not answer', async t => {
  await using s3 = await startFakeS3()
  s3.fail('GetBucketLifecycleConfiguration', faults.refuse(501, 'NotImplemented'))
  const { exitCode, stderr } = await callOn(t, s3, 'lifecycle', BY_RULE)
  assert.deepEqual(
    [exitCode, stderr],
    [1, 'the rules of the bucket cannot be read (s3:GetLifecycleConfiguration)\n'],
  )
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'c.yaml')
  writeFileSync(file, JSON.stringify({ StorageConfig: { protocol: 'cfs', CFSMountPath: folder } }))
  const main = path.resolve(import.meta.dirname, '../../../handler/main.ts')
  const mounted = spawnSync(process.execPath, [main, `--config=${file}`, 'lifecycle'], { encoding: 'utf8' })
  assert.match(mounted.stderr, /mounted file system\n.*Set retention/)
  assert.deepEqual([mounted.status, mounted.stdout], [1, ''])
})

/** What the self-test says of the bucket, as the installer's status reads it. */
async function saidOfBucket(...call: Parameters<typeof callOn>) {
  const [t, s3, , settings] = call
  const said = await callOn(t, s3, 'self-test', settings)
  const checks = parseSelfTest(said)
  assert.equal(checks.find(({ name }) => name === 'storage')?.ok, true, said.stdout)
  return checks.filter(({ name }) => name === 'bucket')
}

it('the self-test warns of a bucket that keeps what is removed, and prints the rule against it', async t => {
  await using s3 = await startFakeS3()
  assert.deepEqual(await saidOfBucket(t, s3, '', BY_US), [])
  keepsVersions(s3)
  const [check, ...more] = await saidOfBucket(t, s3, '', BY_US)
  assert.deepEqual([more, check?.ok, check?.warning], [[], true, true])
  assert.match(check?.text ?? '', /no rule takes older ones: what is removed or overwritten stays$/)
  const [, rule = ''] = /^Add this rule to the bucket: (\{.*\})$/.exec(check?.hint ?? '') ?? []
  assert.deepEqual(JSON.parse(rule).NoncurrentVersionExpiration, { NoncurrentDays: 1 })
  hasRules(s3, JSON.stringify({ Rules: [JSON.parse(rule)] }))
  assert.deepEqual(await saidOfBucket(t, s3, '', BY_US), [])
})

it('the self-test warns of a bucket whose rule is missing, or that takes no tags, and of one that does not say', async t => {
  await using s3 = await startFakeS3({
    faultOf: ({ headers }) =>
      headers['x-amz-tagging'] === undefined ? null : faults.refuse(403, 'AccessDenied'),
  })
  const faultsOf = async () => (await saidOfBucket(t, s3, '', BY_RULE)).map(({ text }) => text)
  const [rule, tag] = await faultsOf()
  assert.match(rule ?? '', /^no rule takes what is tagged coredog=crash after 30 days$/)
  assert.match(tag ?? '', /s3:PutObjectTagging/)
  s3.fail('GetBucketLifecycleConfiguration', faults.say(500, ''), { times: 9 })
  assert.match((await faultsOf())[0] ?? '', /cannot be read/)
})

it('the self-test says of a bucket that has the rule for how long crashes are there', async t => {
  await using s3 = await startFakeS3()
  hasRules(s3, (await callOn(t, s3, 'lifecycle', BY_RULE)).stdout)
  const [check] = await saidOfBucket(t, s3, '', BY_RULE)
  assert.deepEqual(check, { name: 'bucket', ok: true, text: 'a rule takes crashes after 30 days' })
})

it('the self-test of a role that may not ask says so where anything is removed, and else nothing', async t => {
  await using s3 = await startFakeS3({
    faultOf: ({ operation }) =>
      operation.startsWith('GetBucket') ? faults.refuse(403, 'AccessDenied') : null,
  })
  assert.match((await saidOfBucket(t, s3, '', BY_US))[0]?.text ?? '', /\(s3:GetBucketVersioning\)$/)
  assert.deepEqual(await saidOfBucket(t, s3, '', {}), [])
})
