import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { encodePlace, ownCoreKey, parsePlace } from '../../groups/place-record.ts'
import { inputs } from '../inputs.ts'

const CORE = 'shop/web-1/app/20261121T042117Z-api-7-0123456789ab/core.gz'
const RECORD = { id: '0123456789ab', node: 'node-1', time: '2026-11-21T04:21:17Z', core: CORE }

it('parsePlace() reads what encodePlace() wrote, and nothing else', () => {
  assert.deepEqual(parsePlace(String(encodePlace(RECORD))), RECORD)
  for (const text of ['', '{', '[]', '{"version":2}', JSON.stringify({ ...RECORD, version: 1, node: 7 })])
    assert.equal(parsePlace(text), null, text)
  fc.assert(
    fc.property(fc.string(), text => {
      parsePlace(text)
      ownCoreKey({ namespace: 'shop' }, text)
    }),
    inputs(300),
  )
})

it('ownCoreKey() believes no node that names a core of another namespace, or no core', () => {
  const shop = { namespace: 'shop' }
  assert.equal(ownCoreKey(shop, CORE), CORE)
  assert.equal(ownCoreKey(shop), null)
  for (const key of [
    CORE.replace('shop/', 'bank/'),
    CORE.replace('core.gz', 'log.txt'),
    CORE.replace('shop/', 'shop/../bank/'),
    'shop/core.gz',
    `_index/${CORE}`,
    `${CORE}\n`,
  ])
    assert.equal(ownCoreKey(shop, key), null, key)
})
