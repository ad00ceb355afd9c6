import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inputs } from './inputs.ts'

it('inputs() are FUZZ times as many where that is set', () => {
  assert.deepEqual(inputs(20, undefined), { numRuns: 20 })
  assert.deepEqual(inputs(20, '50'), { numRuns: 1000 })
  assert.throws(() => inputs(20, 'many'), /Cannot multiply inputs by FUZZ=many/)
})
