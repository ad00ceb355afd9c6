import assert from 'node:assert/strict'
import { it } from 'node:test'
import { lifecycleFaults } from '../../../handler/commands/lifecycle-faults.ts'
import type { BucketRule, BucketRules } from '../../../storage/bucket-rules.ts'

const TAGS = [{ key: 'coredog', value: 'crash' }]
const NOTHING: BucketRule = {
  ...{ isEnabled: true, prefix: 'corefiles/', tags: [], isBySize: false },
  ...{ expirationDays: null, noncurrentDays: null },
}
const CRASHES: BucketRule = { ...NOTHING, tags: TAGS, expirationDays: 30 }
const VERSIONS: BucketRule = { ...NOTHING, noncurrentDays: 1 }
const RULE = { prefix: 'corefiles/', days: 30, areRemoved: true }
const OURS = { ...RULE, days: null }
const KEPT = { ...OURS, areRemoved: false }

type Case = readonly [string, BucketRules['rules'], RegExp | null]

const ofCrashes: readonly Case[] = [
  ['the rule that is printed', [CRASHES], null],
  ['the same for the whole bucket', [{ ...CRASHES, prefix: '' }], null],
  ['no rule', [], /^no rule takes what is tagged coredog=crash after 30 days$/],
  ['one that is switched off', [{ ...CRASHES, isEnabled: false }], /no rule takes/],
  ['one for another folder', [{ ...CRASHES, prefix: 'other/' }], /no rule takes/],
  ['one for a folder of ours', [{ ...CRASHES, prefix: 'corefiles/shop/' }], /no rule takes/],
  ['another time', [{ ...CRASHES, expirationDays: 7 }], /after 30 days, but after 7$/],
  ['a second tag, which ours do not have', [{ ...CRASHES, tags: [...TAGS, ...TAGS] }], /no rule/],
  ['another value', [{ ...CRASHES, tags: [{ key: 'coredog', value: 'x' }] }], /no rule/],
  ['only large ones', [{ ...CRASHES, isBySize: true }], /no rule/],
  ['one that takes everything', [CRASHES, { ...CRASHES, tags: [] }], /what is no crash: _groups\/, _index/],
  [
    'one that takes the index',
    [CRASHES, { ...NOTHING, prefix: 'corefiles/_index/time/', expirationDays: 0 }],
    /what is no crash: _index\/$/,
  ],
  ['one that takes what is small', [CRASHES, { ...CRASHES, tags: [], isBySize: true }], /what is no crash/],
  ['one that takes a namespace', [CRASHES, { ...CRASHES, tags: [], prefix: 'corefiles/shop/' }], null],
  ['what cannot be read', 'unknown', /s3:GetLifecycleConfiguration/],
]
for (const [name, rules, fault] of ofCrashes)
  it(`a bucket that is to remove crashes, with ${name}`, () => {
    assertFaults(lifecycleFaults(RULE, { keepsVersions: false, rules, refusesTags: false }), fault)
  })

it('a store that takes no tags is told of where a rule goes by them', () => {
  const found = { keepsVersions: false, rules: [CRASHES], refusesTags: true }
  assertFaults(lifecycleFaults(RULE, found), /s3:PutObjectTagging/)
  assertFaults(lifecycleFaults(OURS, found), null)
})

const named = (name: string): BucketRule => ({ ...VERSIONS, prefix: `corefiles/${name}/` })
const NAMED = ['_groups', '_index', '_binaries', '_upkeep', '_quota', '_self-test'].map(named)

const ofVersions: readonly (readonly [...Case, typeof OURS])[] = [
  ['of what is removed stay', [], /no rule takes older ones: what is removed or overwritten stays/, OURS],
  ['of what is removed go', [VERSIONS], null, OURS],
  ['of crashes stay', NAMED, /what is removed or overwritten stays/, OURS],
  ['go where they are large', [{ ...VERSIONS, isBySize: true }], /what is removed/, OURS],
  ['may go', 'unknown', /not known whether a rule takes older ones/, OURS],
  ['of what is overwritten stay', [], /overwritten: _groups\/, _index\/, .*_self-test\//, KEPT],
  ['of groups stay', NAMED.slice(1), /overwritten: _groups\/$/, KEPT],
  ['of what is overwritten go', NAMED, null, KEPT],
  ['of everything go', [{ ...VERSIONS, prefix: '' }], null, KEPT],
]
for (const [name, rules, fault, wanted] of ofVersions)
  it(`a bucket that keeps versions, which ${name} (${wanted.areRemoved ? '' : 'not '}removing)`, () => {
    assertFaults(lifecycleFaults(wanted, { keepsVersions: true, rules, refusesTags: false }), fault)
  })

it('a bucket that keeps none needs no rule for them', () => {
  for (const keepsVersions of [false, 'unknown'] as const)
    assert.deepEqual(lifecycleFaults(OURS, { keepsVersions, rules: [], refusesTags: false }), [])
})

function assertFaults(faults: readonly string[], fault: RegExp | null): void {
  assert.equal(faults.length, fault === null ? 0 : 1, faults.join('\n'))
  if (fault !== null) assert.match(faults[0] ?? '', fault)
}
