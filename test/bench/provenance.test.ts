import assert from 'node:assert/strict'
import { it } from 'node:test'
import { changedFiles } from '../../bench/provenance.ts'

it('all that is changed or new counts, but for what the benchmark writes', () => {
  const status = ' M handler/main.ts\0?? bench/new one.ts\0 M docs/performance.md\0M  docs/performance.svg\0'
  assert.deepEqual(changedFiles(status), ['handler/main.ts', 'bench/new one.ts'])
})

it('nothing changed', () => {
  assert.deepEqual(changedFiles(''), [])
})
