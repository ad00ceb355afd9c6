import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { RetentionConfig } from '../../../config/config.ts'
import { type IndexEntry, indexedFolder } from '../../../crash/index-entry.ts'
import { NamespaceSurvey } from '../../../installer/upkeep/namespace-survey.ts'
import { inputs } from '../../inputs.ts'

const NOW = new Date('2026-11-21T00:00:00Z')
const HOUR_MS = 3_600_000

function entryOf(hours: number, at: number, group: string | null, storedBytes: number): IndexEntry {
  return {
    ...{ cluster: 'prod', namespace: 'shop', pod: 'web-0', container: 'app', comm: 'app', pid: 1 },
    ...{ podUid: null, signal: null, group, storedBytes },
    time: new Date(NOW.getTime() - hours * HOUR_MS),
    id: String(at).padStart(12, '0'),
  }
}

const crashes = fc
  .array(
    fc.tuple(fc.nat(100), fc.constantFrom(null, 'v2:aa', 'v2:bb', 'v2:cc'), fc.constantFrom(0, 1, 10, 100)),
    { maxLength: 40 },
  )
  .map(many => many.map(([hours, group, bytes], at) => entryOf(hours, at, group, bytes)))
  .map(entries => entries.toSorted((one, other) => other.time.getTime() - one.time.getTime()))

const limits = fc.record<RetentionConfig>({
  by: fc.constant('coredog'),
  maxAgeSeconds: fc.constantFrom(0, 3600, 50 * 3600),
  maxCount: fc.nat(20),
  maxBytes: fc.constantFrom(0, 1, 50, 300),
  minOfGroup: fc.nat(3),
})

function judged(entries: readonly IndexEntry[], limits: RetentionConfig) {
  const survey = new NamespaceSurvey(limits)
  for (const entry of entries) survey.add(entry)
  const isOver = survey.judge(NOW)
  const kept = entries.filter(entry => !isOver(entry))
  return { survey, kept, spared: new Set(survey.spared.map(indexedFolder)) }
}

const ageHours = ({ time }: IndexEntry) => (NOW.getTime() - time.getTime()) / HOUR_MS

it('what stays is within the limits, but for what is younger than an hour', () => {
  fc.assert(
    fc.property(crashes, limits, (entries, limits) => {
      const { kept, spared } = judged(entries, limits)
      const old = kept.filter(entry => ageHours(entry) > 1)
      const young = kept.length - old.length
      const bytes = old.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
      if (limits.maxCount > 0) assert.ok(old.length <= Math.max(limits.maxCount, 0) || young > 0)
      if (limits.maxBytes > 0) assert.ok(bytes <= limits.maxBytes)
      for (const entry of old)
        if (limits.maxAgeSeconds > 0 && ageHours(entry) * 3600 > limits.maxAgeSeconds)
          assert.ok(spared.has(indexedFolder(entry)))
    }),
    inputs(),
  )
})

it('with room for all, the last cores of each group stay, and no more than that of it by age', () => {
  fc.assert(
    fc.property(crashes, fc.integer({ min: 1, max: 3 }), (entries, minOfGroup) => {
      const { kept } = judged(entries, {
        by: 'coredog',
        maxAgeSeconds: 3600,
        maxCount: 0,
        maxBytes: 0,
        minOfGroup,
      })
      for (const group of ['v2:aa', 'v2:bb', 'v2:cc']) {
        const cores = entries.filter(entry => entry.group === group && entry.storedBytes > 0)
        assert.deepEqual(
          kept.filter(entry => cores.includes(entry) && ageHours(entry) > 1),
          cores.slice(0, minOfGroup).filter(entry => ageHours(entry) > 1),
        )
      }
    }),
    inputs(),
  )
})

it('what is asked for only where it may be over is over nowhere else', () => {
  fc.assert(
    fc.property(crashes, limits, (entries, limits) => {
      const { survey, kept } = judged(entries, limits)
      if (!survey.isOver(NOW)) assert.equal(kept.length, entries.length)
    }),
    inputs(),
  )
})

it('a tenant that crashes everywhere keeps the last core of a thousand bugs', () => {
  const entries = Array.from({ length: 1500 }, (_, at) => entryOf(100 + at, at, `v2:${at.toString(16)}`, 1))
  const { kept } = judged(entries, {
    by: 'coredog',
    maxAgeSeconds: 3600,
    maxCount: 0,
    maxBytes: 0,
    minOfGroup: 1,
  })
  assert.deepEqual(kept, entries.slice(0, 1000))
})
