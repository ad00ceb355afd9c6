import assert from 'node:assert/strict'
import { it } from 'node:test'
import { tenantOf } from '../../api/tenant.ts'

it('all service accounts of a namespace are one tenant, and everybody else is one', () => {
  const names = ['a', 'b'].map(account => tenantOf({ name: `system:serviceaccount:shop:${account}` }))
  assert.deepEqual(names, ['system:serviceaccount:shop', 'system:serviceaccount:shop'])
  for (const name of ['ann', 'system:node:n1', 'system:serviceaccount:shop', ''])
    assert.equal(tenantOf({ name }), name)
})
