import assert from 'node:assert/strict'
import { it } from 'node:test'
import { invalid, notFound, tooManyRequests } from '../../api/status-error.ts'

it('a StatusError has the code, reason and details that clients of Kubernetes look at', () => {
  const { code, reason, message, details } = notFound('coredumps.coredog.io', 'x')
  assert.deepEqual([code, reason, message], [404, 'NotFound', 'coredumps.coredog.io "x" not found'])
  assert.deepEqual(details, { name: 'x', group: 'coredog.io', kind: 'coredumps' })
  assert.equal(tooManyRequests('too many', 7).retryAfterSeconds, 7)
  assert.deepEqual(invalid('a.b', 'x', 'spec.poduid', 'no').details.causes, [
    { reason: 'FieldValueInvalid', message: 'no', field: 'spec.poduid' },
  ])
})
