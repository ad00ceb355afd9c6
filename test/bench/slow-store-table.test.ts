import assert from 'node:assert/strict'
import { it } from 'node:test'
import { slowStoreTable, slowStoreTargets } from '../../bench/slow-store-table.ts'

const SLOW = {
  core: { name: 'heap', title: 'Heap-like memory', kind: 'heap', sizeBytes: 2 ** 28 },
  ...{ absent: [], failed: [], load: 'Load average before: 0.1; meanwhile: 1.0.' },
  entrants: [
    entrant('cat >/dev/null', { heldSeconds: 0.2, doneSeconds: 0.2, storedBytes: 0 }),
    entrant('coredog gzip', { heldSeconds: 0.9, doneSeconds: 6, storedBytes: 100e6 }),
  ],
}

it('a row says how long it was held, and how long the store took against what it needs', () => {
  assert.deepEqual(slowStoreTable(SLOW).rows, [
    ['cat >/dev/null', '0.20', '0.20–0.20', '1.0', '', '', ''],
    ['coredog gzip', '0.90', '0.90–0.90', '4.5', '95', '6.00', '1.20'],
  ])
})

it('the target is of how long it was held', () => {
  assert.deepEqual(slowStoreTargets(SLOW), [
    {
      what: 'A store of 20 MB/s, 256 MiB, gzip: held',
      ...{ wanted: '≤ 1 s', measured: '0.90 s, 4.5 × cat', isMet: true },
    },
  ])
})

function entrant(name: string, run: { heldSeconds: number; doneSeconds: number; storedBytes: number }) {
  const contestant = {
    ...{ name, peers: [], command: '', rounds: 1, metered: true, kernelArguments: '' },
    ...{ folder: '', unpack: null },
  }
  return { contestant, runs: [run] }
}
