import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { lifecycleRules, wantedRules } from '../../../handler/commands/lifecycle-rules.ts'

const WANTED = { prefix: 'corefiles/', days: 30, areRemoved: true }
const UNFINISHED = { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } }
const VERSIONS = {
  NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  Expiration: { ExpiredObjectDeleteMarker: true },
}

it('the rules take crashes by their tag, and of everything what is unfinished', () => {
  assert.deepEqual(lifecycleRules(WANTED, false), [
    {
      ...{ ID: 'coredog-crashes', Status: 'Enabled', Expiration: { Days: 30 } },
      Filter: { And: { Prefix: 'corefiles/', Tags: [{ Key: 'coredog', Value: 'crash' }] } },
    },
    { ID: 'coredog-remains', Status: 'Enabled', Filter: { Prefix: 'corefiles/' }, ...UNFINISHED },
  ])
})

it('of a bucket without a folder the tag alone is the filter', () => {
  const [crashes] = lifecycleRules({ ...WANTED, prefix: '' }, false)
  assert.deepEqual(crashes?.Filter, { Tag: { Key: 'coredog', Value: 'crash' } })
})

for (const keepsVersions of [true, 'unknown'] as const) {
  it(`versions (${keepsVersions}) of what is removed go, and all others`, () => {
    const [remains, ...more] = lifecycleRules({ ...WANTED, days: null }, keepsVersions)
    assert.deepEqual(more, [])
    const filter = { ID: 'coredog-remains', Status: 'Enabled', Filter: { Prefix: 'corefiles/' } }
    assert.deepEqual(remains, { ...filter, ...UNFINISHED, ...VERSIONS })
  })

  it(`versions (${keepsVersions}) of crashes stay where nobody removes them, those of what is overwritten go`, () => {
    const rules = lifecycleRules({ ...WANTED, days: null, areRemoved: false }, keepsVersions)
    const taken = rules.filter(rule => 'NoncurrentVersionExpiration' in rule)
    assert.deepEqual(
      taken.map(({ Filter }) => Filter),
      ['_groups', '_index', '_binaries', '_upkeep', '_quota', '_self-test'].map(name => ({
        Prefix: `corefiles/${name}/`,
      })),
    )
    assert.equal(new Set(rules.map(({ ID }) => ID)).size, 7)
  })
}

it('what is wanted is what the configuration says', () => {
  const of = (yaml: string) =>
    wantedRules(parseConfig(`StorageConfig: {protocol: s3, S3Bucket: x, s3Region: y}\n${yaml}`).config)
  assert.deepEqual(of('retention: {by: lifecycle, maxAge: 30d}'), WANTED)
  assert.deepEqual(of('retention: {maxAge: 30d}'), { ...WANTED, days: null })
  assert.deepEqual(of(''), { ...WANTED, days: null, areRemoved: false })
  const root = 'StorageConfig: {protocol: s3, S3Bucket: x, s3Region: y, StoreDir: /}'
  assert.equal(wantedRules(parseConfig(root).config).prefix, '')
})
