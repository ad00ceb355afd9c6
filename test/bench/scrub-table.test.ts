import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type ScrubRun, scrubTable, searchTable } from '../../bench/scrub-table.ts'
import type { Entrant } from '../../bench/turns.ts'

function entrant(name: string, heldSeconds: number, scrubbed: number): Entrant<ScrubRun> {
  const contestant = {
    name,
    peers: [],
    command: '',
    metered: true,
    kernelArguments: '',
    rounds: 1,
    folder: '',
    unpack: null,
  }
  const run = {
    heldSeconds,
    doneSeconds: 1,
    cpuSeconds: 2 * heldSeconds,
    peakBytes: 0,
    storedBytes: 0,
    scrubbed,
  }
  return { contestant, runs: [run] }
}

it('scrubTable() compares each with what looks for nothing, and is as much ahead', () => {
  const entrants = [
    entrant('coredog off', 1, 0),
    entrant('coredog off, nothing read ahead', 2, 0),
    entrant('coredog all', 1.5, 80),
    entrant('coredog all, nothing read ahead', 2.5, 80),
  ]
  const core = { name: 'heap', title: 'Heap', kind: 'heap', sizeBytes: 300e6 } as const
  const { rows } = scrubTable({ core, entrants, failed: [], load: 'Idle.' }, 40)
  assert.deepEqual(rows.at(2), ['all', '1.50', '1.50–1.50', '1.50', '200', '3.00', '1.50', '80'])
  assert.deepEqual(
    rows.map(([, , , times]) => times),
    ['1.00', '1.00', '1.50', '1.25'],
  )
})

it('searchTable() compares with memory that is copied', () => {
  const { rows } = searchTable([{ values: 40, mbPerSecond: 4000, copyMbPerSecond: 8000 }])
  assert.deepEqual(rows, [['40', '4000', '0.50']])
})
