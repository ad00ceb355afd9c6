import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Heat } from '../../bench/held.ts'
import { heldTargets } from '../../bench/held-targets.ts'
import type { Run } from '../../bench/run.ts'
import { targetTable } from '../../bench/target.ts'

const HEAP = heat('heap', 'Heap-like memory', { 'cat >/dev/null': 1, 'gzip -1': 12, 'coredog gzip': 2 })
const JAVA = heat('java', 'A core of Java', { 'cat >/dev/null': 1, 'gzip -1': 12, 'coredog gzip': 2.5 })
const ZEROS = heat('zeros', 'Nothing but zeros', { 'cat >/dev/null': 1, 'gzip -1': 1, 'coredog gzip': 9 })

function rowOf(what: string, heats: readonly Heat[]): readonly string[] | undefined {
  const found = targetTable(heldTargets({ heats, absent: [], way: '', inMemory: true }))
  return found.rows.find(([name]) => name?.startsWith(what))?.slice(1)
}

it('of several cores the worst counts, and is named', () => {
  assert.deepEqual(rowOf('A core that fits', [HEAP, JAVA]), [
    '≤ 2.2 × cat + 0.15 s',
    '2.50 s of 2.35 s; 2.5 × cat (worst: A core of Java, 1 GiB)',
    'no',
  ])
  assert.deepEqual(rowOf('gzip against gzip -1', [JAVA, HEAP]), [
    '6 × faster',
    '4.8 ×, cat 12.0 × (worst: A core of Java, 1 GiB)',
    'no',
  ])
})

it('a target at its edge is met', () => {
  assert.deepEqual(rowOf('gzip against gzip -1', [HEAP])?.slice(1), [
    '6.0 ×, cat 12.0 × (Heap-like memory, 1 GiB)',
    'yes',
  ])
})

it('what nobody has in memory does not count', () => {
  assert.equal(rowOf('A core that fits', [HEAP, ZEROS])?.[2], 'yes')
})

it('of who did not take part nothing is said', () => {
  assert.deepEqual(rowOf('gzip against IBM composer', [HEAP])?.slice(1), [
    'not measured: somebody did not take part',
    '–',
  ])
})

function heat(name: string, title: string, held: Readonly<Record<string, number>>): Heat {
  const run = { cpuSeconds: 2, doneSeconds: 9, peakBytes: 1, storedBytes: 2 ** 28 }
  const entrants = Object.entries(held).map(([contestant, heldSeconds]) => ({
    contestant: {
      ...{ name: contestant, peers: [], command: '', rounds: 1, metered: true, kernelArguments: '' },
      ...{ folder: '', unpack: null },
    },
    runs: [{ ...run, heldSeconds } satisfies Run],
  }))
  return { core: { name, title, kind: name, sizeBytes: 2 ** 30 }, entrants, failed: [], load: '' }
}
