import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { RetentionConfig } from '../../../config/config.ts'
import type { StoredCrash } from '../../../crash-index/stored-crash.ts'
import { Surplus } from '../../../installer/upkeep/surplus.ts'
import { inputs } from '../../inputs.ts'

const NOW = new Date('2026-11-21T00:00:00Z')
const OFF: RetentionConfig = { maxAgeSeconds: 0, maxCount: 0, maxBytes: 0 }
const HOUR = 3600

function crash(ageSeconds: number, bytes = 1): StoredCrash {
  const time = new Date(NOW.getTime() - ageSeconds * 1000)
  return { folder: `at ${ageSeconds}`, namespace: 'shop', time, names: ['report.json'], bytes }
}

function beyond(crashes: readonly StoredCrash[], limits: Partial<RetentionConfig>, most = 1000): string[] {
  const surplus = new Surplus(most)
  for (const one of crashes) surplus.add(one)
  return surplus.beyond({ ...OFF, ...limits }, NOW).map(({ folder }) => folder)
}

const three = [crash(2 * HOUR, 30), crash(4 * HOUR, 10), crash(3 * HOUR, 20)]

it('Surplus has what is too old', () => {
  assert.deepEqual(beyond(three, { maxAgeSeconds: 2.5 * HOUR }), [`at ${4 * HOUR}`, `at ${3 * HOUR}`])
})

it('Surplus has the oldest of too many', () => {
  assert.deepEqual(beyond(three, { maxCount: 2 }), [`at ${4 * HOUR}`])
})

it('Surplus has the oldest of too many bytes, until what stays is within the limit', () => {
  assert.deepEqual(beyond(three, { maxBytes: 50 }), [`at ${4 * HOUR}`])
  assert.deepEqual(beyond(three, { maxBytes: 49 }), [`at ${4 * HOUR}`, `at ${3 * HOUR}`])
})

it('Surplus has nothing without a limit, and nothing of the last hour', () => {
  assert.deepEqual(beyond(three, {}), [])
  assert.deepEqual(
    beyond([crash(HOUR), crash(-HOUR), crash(10)], { maxBytes: 1, maxCount: 1, maxAgeSeconds: 1 }),
    [],
  )
})

it('Surplus is the same as if all crashes were sorted, whatever their order, and keeps few in memory', () => {
  const ages = fc.uniqueArray(fc.integer({ min: HOUR + 1, max: 1000 * HOUR }), { maxLength: 60 })
  fc.assert(
    fc.property(ages, fc.nat(60), fc.integer({ min: 1, max: 70 }), (all, maxCount, most) => {
      const oldest = all.toSorted((a, b) => b - a)
      const over = maxCount === 0 ? 0 : Math.max(0, all.length - maxCount)
      const wanted = oldest.slice(0, Math.min(over, most)).map(age => `at ${age}`)
      assert.deepEqual(
        beyond(
          all.map(age => crash(age)),
          { maxCount },
          most,
        ),
        wanted,
      )
    }),
    inputs(),
  )
})
