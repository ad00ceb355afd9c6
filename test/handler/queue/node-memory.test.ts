import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NodeMemory } from '../../../handler/queue/node-memory.ts'

const [MIB, GIB] = [2 ** 20, 2 ** 30]

/** A node of 10 GiB, of which so much is left, and in which programs have waited for so long. */
class Node {
  nowMs = 0
  free = 5 * GIB
  cache = 0
  used = 0
  stalledMs: number | null = 0
  readings = 0

  get memory(): NodeMemory {
    return new NodeMemory({
      meminfo: () => {
        this.readings += 1
        const available = this.free + this.cache + this.used
        return `MemTotal: ${kB(10 * GIB)}MemFree: ${kB(this.free)}MemAvailable: ${kB(available)}Inactive(file): ${kB(this.cache)}`
      },
      pressure: () =>
        this.stalledMs === null
          ? null
          : `some avg10=99.00 avg60=0.00 avg300=0.00 total=${this.stalledMs * 1000}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`,
      now: () => this.nowMs,
    })
  }
}

function kB(bytes: number): string {
  return `${bytes / 1024} kB\n`
}

it('NodeMemory has room for what is left beyond a tenth of the node', () => {
  const node = new Node()
  const { memory } = node
  assert.equal(memory.roomBytes(), 4 * GIB)
  node.free = GIB
  node.nowMs += 20
  assert.equal(memory.roomBytes(), 0)
  node.free = 2 * GIB
  node.nowMs += 20
  assert.equal(memory.roomBytes(), GIB)
})

it('NodeMemory takes for used what the kubelet does: page cache that was used lately', () => {
  const node = Object.assign(new Node(), { free: GIB, cache: GIB, used: 6 * GIB })
  assert.equal(node.memory.roomBytes(), GIB)
  assert.equal(node.memory.availableBytes(), 8 * GIB)
})

it('NodeMemory keeps 100 MiB of a node that has less than a GiB', () => {
  const meminfo = `MemTotal: ${kB(512 * MIB)}MemFree: ${kB(300 * MIB)}MemAvailable: ${kB(300 * MIB)}Inactive(file): ${kB(0)}`
  const memory = new NodeMemory({ meminfo: () => meminfo, pressure: () => null, now: () => 0 })
  assert.equal(memory.roomBytes(), 200 * MIB)
})

it('NodeMemory has no room while programs wait for memory, and there is not much left', () => {
  const node = Object.assign(new Node(), { free: 2 * GIB })
  const { memory } = node
  const rooms = [0, 3, 0, 10].map(stalledMs => {
    node.stalledMs = (node.stalledMs ?? 0) + stalledMs
    const room = memory.roomBytes()
    node.nowMs += 20
    return room
  })
  assert.deepEqual(rooms, [GIB, 0, GIB, 0])
})

it('NodeMemory has room where one container alone waits for its memory', () => {
  const node = new Node()
  const { memory } = node
  memory.roomBytes()
  Object.assign(node, { nowMs: 20, stalledMs: 20 })
  assert.equal(memory.roomBytes(), 4 * GIB)
})

it('NodeMemory does not take what was waited for before it looked for the first time', () => {
  const node = Object.assign(new Node(), { free: 2 * GIB, stalledMs: 10 ** 9, nowMs: 5 })
  assert.equal(node.memory.roomBytes(), GIB)
})

it('NodeMemory does without the pressure where the kernel does not count it', () => {
  const node = Object.assign(new Node(), { free: 2 * GIB, stalledMs: null })
  const { memory } = node
  memory.roomBytes()
  node.nowMs += 20
  assert.equal(memory.roomBytes(), GIB)
})

it('NodeMemory reads again after 20 ms', () => {
  const node = new Node()
  const { memory } = node
  for (const nowMs of [0, 10, 19.9, 20, 39, 40]) {
    node.nowMs = nowMs
    memory.roomBytes()
  }
  assert.equal(node.readings, 3)
})

it('NodeMemory reads this machine', () => {
  assert.ok(new NodeMemory().availableBytes() > MIB)
})
