import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type MemoryRun, memoryTable, memoryTargets } from '../../bench/memory-table.ts'

const MIB = 2 ** 20
const RUNS: readonly MemoryRun[] = [
  run(256, 120),
  run(16384, 132),
  run(256, 400, 'auto'),
  run(16384, 900, 'auto'),
]

it('peaks are compared with that of the smallest core of their kind, seconds with cat', () => {
  const { rows, notes } = memoryTable(RUNS, 'Load average before: 0.1; meanwhile: 1.0.')
  assert.deepEqual(rows.slice(0, 2), [
    ['256 MiB', 'heap-like', 'gzip', 'nothing', '90.0', '120', '+0 %', '3.0', '2.0'],
    ['16 GiB', 'heap-like', 'gzip', 'nothing', '90.0', '132', '+10 %', '3.0', '2.0'],
  ])
  assert.deepEqual(rows.at(-1)?.slice(3, 7), ['as by default', '90.0', '900', '+125 %'])
  assert.match(notes.at(-1) ?? '', /Load average/)
})

it('what is read ahead counts in no target', () => {
  const [most, flat] = memoryTargets(RUNS)
  assert.deepEqual([most?.measured, most?.isMet], ['132 MiB at most', true])
  assert.deepEqual([flat?.measured, flat?.isMet], ['+10 % (worst: 16 GiB, heap-like, gzip)', false])
})

it('less memory for a larger core is not flat either', () => {
  const [, flat] = memoryTargets([run(256, 120), run(16384, 90)])
  assert.deepEqual([flat?.measured, flat?.isMet], ['−25 % (worst: 16 GiB, heap-like, gzip)', false])
})

function run(memoryMiB: number, peakMiB: number, readAhead: 0 | 'auto' = 0): MemoryRun {
  return {
    ...{ content: 'heap', compression: 'gzip', readAhead, memoryMiB },
    ...{ storedBytes: 90 * MIB, peakBytes: peakMiB * MIB, seconds: 3, catSeconds: 1.5 },
  }
}
