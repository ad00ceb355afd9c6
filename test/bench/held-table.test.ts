import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Contestant } from '../../bench/contestant.ts'
import type { Heat } from '../../bench/held.ts'
import { heldCharts } from '../../bench/held-chart.ts'
import { heldTables } from '../../bench/held-table.ts'
import type { Run } from '../../bench/run.ts'

const CORE = { name: 'heap', title: 'Heap-like memory', kind: 'heap', sizeBytes: 2 ** 30 }

const HEAT: Heat = {
  core: CORE,
  load: 'Load average before: 0.1; meanwhile: 1.0.',
  failed: [{ name: 'systemd-coredump', reason: 'it ended with status 1' }],
  entrants: [
    entrant('cat >/dev/null', [0.5, 0.4, 0.9], { unpack: null }),
    entrant('gzip -1', [6, 5, 5.5], {}),
    entrant('coredog gzip', [1.6, 1.5, 1.4], { peers: ['gzip -1', 'pigz -1 -p2'] }),
  ],
}

const HELD = {
  heats: [HEAT],
  absent: [{ name: 'pigz', reason: 'pigz is not installed' }],
  way: '',
  inMemory: true,
}

it('a row is medians, the range, and ratios with the limit and the peers that ran', () => {
  const [table] = heldTables(HELD)
  assert.equal(table?.title, 'Heap-like memory, 1 GiB')
  assert.deepEqual(table?.rows, [
    ['cat >/dev/null', '0.50', '0.40–0.90', '1.0', '', '2.00', '1.00', '64', '', ''],
    ['gzip -1', '5.50', '5.00–6.00', '11.0', '', '2.00', '1.00', '64', '25.0', '1.00'],
    ['coredog gzip', '1.50', '1.40–1.60', '3.0', '3.67 × gzip -1', '2.00', '1.00', '64', '25.0', '1.00'],
  ])
})

it('who is not in it is named with the reason, and the load is told', () => {
  const [table] = heldTables(HELD)
  assert.deepEqual(table?.notes, [
    'Without pigz: pigz is not installed.',
    'Without systemd-coredump: it ended with status 1.',
    'Load average before: 0.1; meanwhile: 1.0.',
  ])
})

it('without the limit there is no ratio with it', () => {
  const [table] = heldTables({ ...HELD, heats: [{ ...HEAT, entrants: HEAT.entrants.slice(1) }] })
  assert.deepEqual(
    table?.rows.map(row => row[3]),
    ['', ''],
  )
})

it('a bar is the median, with its range, and ours are marked', () => {
  const [chart] = heldCharts(HELD)
  assert.deepEqual(chart?.bars.at(-1), { label: 'coredog gzip', value: 1.5, from: 1.4, to: 1.6, ours: true })
  assert.deepEqual(
    chart?.bars.map(({ ours }) => ours),
    [false, false, true],
  )
})

function entrant(
  name: string,
  held: readonly number[],
  more: Partial<Contestant>,
): { contestant: Contestant; runs: Run[] } {
  const contestant = {
    name,
    peers: [],
    command: '',
    rounds: 5,
    metered: true,
    kernelArguments: '',
    folder: '',
    unpack: '',
  }
  const run = { cpuSeconds: 2, peakBytes: 64 * 2 ** 20, storedBytes: 2 ** 28, doneSeconds: 9 }
  return { contestant: { ...contestant, ...more }, runs: held.map(heldSeconds => ({ ...run, heldSeconds })) }
}
