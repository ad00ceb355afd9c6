import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dailyKey, daysAfter, parseDailyKey } from '../../crash/daily-key.ts'
import { parseIndexKey } from '../../crash/index-entry.ts'

it('dailyKey() names cluster and day as engines read them, and parseDailyKey() reads nothing else', () => {
  const key = dailyKey({ table: 'crashes', cluster: 'eu/1 =%', day: '2026-11-28' })
  assert.equal(key, '_index/daily/crashes/cluster=eu_1___/date=2026-11-28/crashes.ndjson.gz')
  assert.deepEqual(parseDailyKey(key), { table: 'crashes', cluster: 'eu_1___', day: '2026-11-28' })
  assert.equal(
    parseDailyKey(dailyKey({ table: 'crashes', cluster: '', day: '2026-11-28' }))?.cluster,
    '_none',
  )
  for (const other of [
    key.replace('28', '31'),
    key.replace('28', '99'),
    key.replace('daily/crashes', 'daily/cores'),
    key.replace('/crashes.', '/others.'),
    `${key}.bak`,
    `corefiles/${key}`,
    key.replace('eu_1___', '_eu'),
  ])
    assert.equal(parseDailyKey(other), null, other)
})

it('a file of a day is no name of a crash', () => {
  assert.equal(parseIndexKey(dailyKey({ table: 'crashes', cluster: 'eu', day: '2026-11-28' })), null)
})

it('daysAfter() knows months and years', () => {
  assert.deepEqual([daysAfter('2026-12-31', 1), daysAfter('2028-03-01', -1)], ['2027-01-01', '2028-02-29'])
})
