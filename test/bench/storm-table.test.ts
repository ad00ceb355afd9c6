import assert from 'node:assert/strict'
import { it } from 'node:test'
import { stormTable, stormTargets } from '../../bench/storm-table.ts'

const CORE = { name: 'heap', title: 'Heap-like memory', kind: 'heap', sizeBytes: 64 * 2 ** 20 }

const STORM = {
  core: CORE,
  absent: [{ name: 'pigz', reason: 'pigz is not installed' }],
  failed: [],
  load: 'Load average before: 0.1; meanwhile: 1.0.',
  entrants: [entrant('cat >/dev/null', [0.2, 0.1, 0.3]), entrant('coredog gzip', [1, 4, 2])],
}

it('a row is of who was held longest, of half of them, and of the CPU, each with its ratio', () => {
  const { title, rows, notes } = stormTable(STORM)
  assert.equal(title, '12 crashes of 64 MiB at once')
  assert.deepEqual(rows, [
    ['cat >/dev/null', '0.20', '0.10–0.30', '1.0', '0.10', '1.0', '2.00', '1.0'],
    ['coredog gzip', '2.00', '1.00–4.00', '10.0', '1.00', '10.0', '20.00', '10.0'],
  ])
  assert.deepEqual(notes, ['Without pigz: pigz is not installed.', STORM.load])
})

it('the target is of the slowest', () => {
  const [target] = stormTargets(STORM)
  assert.deepEqual([target?.measured, target?.isMet], ['2.00 s, 10.0 × cat', false])
  const [absent] = stormTargets({ ...STORM, entrants: [] })
  assert.equal(absent?.isMet, null)
})

function entrant(name: string, slowest: readonly number[]) {
  const contestant = {
    ...{ name, peers: [], command: '', rounds: 1, metered: true, kernelArguments: '' },
    ...{ folder: '', unpack: null },
  }
  const runs = slowest.map(slowestSeconds => ({
    slowestSeconds,
    medianSeconds: slowestSeconds / 2,
    cpuSeconds: slowestSeconds * 10,
  }))
  return { contestant, runs }
}
