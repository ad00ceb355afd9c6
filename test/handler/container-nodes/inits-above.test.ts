import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { initsAbove } from '../../../handler/container-nodes/inits-above.ts'
import {
  parseStanding,
  readStanding,
  type Standing,
} from '../../../handler/container-nodes/process-standing.ts'
import { inputs } from '../../inputs.ts'

type Row = readonly [parent: number, startedAt: number, ...nested: readonly number[]]

function among(rows: Readonly<Record<number, Row>>): (pid: number) => Standing | null {
  return pid => {
    const [parent, startedAt, ...nested] = rows[pid] ?? []
    return parent === undefined || startedAt === undefined
      ? null
      : { parent, startedAt, pids: [pid, ...nested] }
  }
}

/** A node of kind: its first process, a shim there, a pod's first process, and a worker of that. */
const KIND = among({
  1: [0, 0],
  50: [1, 10],
  100: [50, 100, 1],
  200: [100, 200, 71],
  300: [200, 300, 80, 1],
  400: [300, 400, 81, 7],
})

it('initsAbove() finds node and pod above a process, the node first', () => {
  assert.deepEqual(initsAbove(400, KIND), [
    { pid: 100, depth: 1 },
    { pid: 300, depth: 2 },
  ])
  assert.deepEqual(initsAbove(300, KIND), [{ pid: 100, depth: 1 }])
  assert.deepEqual(initsAbove(200, KIND), [{ pid: 100, depth: 1 }])
})

it('initsAbove() finds nothing above a process of the machine, a first process, and one that is gone', () => {
  for (const pid of [50, 1, 100, 999]) assert.deepEqual(initsAbove(pid, KIND), [])
})

it('initsAbove() does not take a process for a parent that is younger than its child', () => {
  const recycled = among({ 1: [0, 0], 100: [1, 900, 1], 200: [100, 200, 71] })
  assert.deepEqual(initsAbove(200, recycled), [])
})

it('initsAbove() ends, however long the way is, and whoever is whose parent', () => {
  assert.deepEqual(
    initsAbove(5, pid => ({ parent: pid, startedAt: 1, pids: [pid, 2] })),
    [],
  )
  const deep = (pid: number) => ({ parent: pid - 1, startedAt: 1, pids: pid === 1 ? [1, 1] : [pid, pid] })
  assert.equal(initsAbove(1000, deep).length, 1)
  assert.equal(initsAbove(5000, deep).length, 0)
})

const status = (more: string) => `Name:\tapp\nPPid:\t7\nNSpid:\t400\t81\t7\n${more}`
const stat = (comm: string) => `400 (${comm}) S 7 400 400 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9`

it('parseStanding() reads what the kernel says, whatever a process calls itself', () => {
  const standing = { parent: 7, pids: [400, 81, 7], startedAt: 4711 }
  for (const comm of ['app', ') S 1 1 (', 'a b', ''])
    assert.deepEqual(parseStanding(status(''), stat(comm)), standing)
  assert.deepEqual(parseStanding(status('NSpid:\t1\n'), stat('x')), standing)
  for (const broken of ['', 'PPid:\t7\n', 'NSpid:\t1\n', 'PPid:\tx\nNSpid:\t1\n'])
    assert.equal(parseStanding(broken, stat('app')), null)
  assert.equal(parseStanding(status(''), ''), null)
})

it('parseStanding() never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      parseStanding(one, other)
    }),
    inputs(),
  )
})

it('readStanding() reads this process, and finds none that is gone', () => {
  const own = readStanding('/proc/self')
  assert.equal(own?.parent, process.ppid)
  assert.equal(own?.pids.at(-1), process.pid)
  assert.equal(readStanding('/proc/0'), null)
})
