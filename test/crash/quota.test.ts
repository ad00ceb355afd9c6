import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { encodeQuota, fullnessOf, parseQuota, percentOf, quotaKey } from '../../crash/quota.ts'
import { inputs } from '../inputs.ts'

it('a record of a quota is read as it was written', () => {
  const record = { usedBytes: 5, limitBytes: 10, at: new Date('2026-11-28T10:00:00Z') }
  assert.deepEqual(parseQuota(encodeQuota(record)), record)
  assert.equal(quotaKey('', 'shop'), '_quota/_none/shop')
})

it('parseQuota() takes nothing else, whatever it is', () => {
  assert.equal(parseQuota('{"version":2,"usedBytes":5,"limitBytes":10,"at":"2026-11-28T10:00:00Z"}'), null)
  assert.equal(parseQuota('{"version":1,"usedBytes":-5,"limitBytes":10,"at":"2026-11-28T10:00:00Z"}'), null)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      assert.equal(parseQuota(text), null)
    }),
    inputs(100),
  )
})

it('what fills is nearly full from 90 % on, and of nothing all is used', () => {
  const fullness = (usedBytes: number, limitBytes = 1000) => fullnessOf({ usedBytes, limitBytes })
  assert.deepEqual(
    [fullness(899), fullness(900), fullness(999), fullness(1000), fullness(0, 0)],
    ['room', 'nearly full', 'nearly full', 'full', 'full'],
  )
  assert.equal(percentOf({ usedBytes: 1, limitBytes: 3 }), 33)
})
