import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readAheadBudget } from '../../handoff/read-ahead-budget.ts'

const [MIB, GIB] = [2 ** 20, 2 ** 30]

for (const { readAheadBytes, memoryBytes, budget } of [
  { readAheadBytes: 'auto', memoryBytes: 16 * GIB, budget: 2 * GIB },
  { readAheadBytes: 'auto', memoryBytes: GIB, budget: 256 * MIB },
  { readAheadBytes: 'auto', memoryBytes: 512 * GIB, budget: 4 * GIB },
  { readAheadBytes: 0, memoryBytes: 16 * GIB, budget: 0 },
  { readAheadBytes: 8 * GIB, memoryBytes: GIB, budget: 8 * GIB },
] as const)
  it(`readAheadBudget() of ${readAheadBytes} is ${budget / MIB} MiB with ${memoryBytes / GIB} GiB`, () => {
    assert.equal(readAheadBudget({ readAheadBytes }, memoryBytes), budget)
  })
