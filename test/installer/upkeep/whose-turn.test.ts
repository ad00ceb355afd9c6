import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NodeMarks } from '../../../installer/upkeep/node-marks.ts'
import { whoseTurn } from '../../../installer/upkeep/whose-turn.ts'
import { KubeError } from '../../../kube/errors.ts'
import { MemoryStore } from '../../api/memory-store.ts'
import { WaitedClock } from '../../fakes/waited-clock.ts'
import { openLogLines } from '../log-lines.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.parse('2026-11-01T00:00:00Z')

/** A store whose clock is moved, and nodes whose own say another year. */
function world() {
  const clock = new WaitedClock()
  const store = new (class extends MemoryStore {
    override set(key: string, content: string | Buffer): void {
      super.set(key, content)
      this.storedAt.set(key, new Date(START_MS + clock.ms))
    }
  })()
  const nodeOf = (node: string) => new NodeMarks(store, { cluster: 'blue', node, clock })
  return { clock, store, nodeOf }
}

it('of the nodes that are there, one does it', async () => {
  const { nodeOf } = world()
  const nodes = Array.from({ length: 20 }, (_, at) => nodeOf(`node-${at}`))
  for (const node of nodes) await node.isOurs()
  const turns = await Promise.all(nodes.map(node => node.isOurs()))
  assert.equal(turns.filter(isOurs => isOurs).length, 1)
})

it('when that one is gone for two days, another one does it', async () => {
  const { clock, store, nodeOf } = world()
  const [one, other] = [nodeOf('node-1'), nodeOf('node-2')]
  await one.isOurs()
  const isOthers = await other.isOurs()
  const [first, left] = isOthers ? [other, one] : [one, other]
  assert.deepEqual([await first.isOurs(), await left.isOurs()], [true, false])
  clock.ms += 47 * HOUR_MS
  assert.equal(await left.isOurs(), false)
  clock.ms += 13 * HOUR_MS
  assert.equal(await left.isOurs(), true)
  clock.ms += 31 * 24 * HOUR_MS
  assert.equal(await left.isOurs(), true)
  assert.equal(store.objects.size, 1)
})

it('nodes of two clusters that share a bucket each have one', async () => {
  const { clock, store, nodeOf } = world()
  const green = new NodeMarks(store, { cluster: 'green', node: 'node-1', clock })
  assert.deepEqual([await nodeOf('node-1').isOurs(), await green.isOurs()], [true, true])
})

const FORBIDDEN = new KubeError('Cannot get "leases"', {
  status: 403,
  reason: 'Forbidden',
  hint: 'Allow it.',
})
const AWAY = new KubeError('Cannot get "leases"', { status: null, reason: 'Unreachable', hint: '' })

it('who has no right to the Lease goes by the marks, and the log says so once', async () => {
  const { log, lines } = openLogLines()
  const lease = { tryHold: () => Promise.reject(FORBIDDEN) }
  const tryHold = whoseTurn({ lease, marks: world().nodeOf('node-1'), log })
  assert.notEqual(await tryHold(), null)
  assert.notEqual(await tryHold(), null)
  assert.deepEqual(
    lines.map(({ msg, hint }) => [msg, hint]),
    [['no right to the Lease of upkeep', 'Allow it.']],
  )
})

it('while the API server is away nobody does it', async () => {
  const { log } = openLogLines()
  const lease = { tryHold: () => Promise.reject(AWAY) }
  const tryHold = whoseTurn({ lease, marks: world().nodeOf('node-1'), log })
  assert.equal(await tryHold(), null)
})

it('a store that takes no marks is none that is looked after', async () => {
  const { log, lines } = openLogLines()
  const marks = { isOurs: () => Promise.reject(new Error('AccessDenied')) }
  assert.equal(await whoseTurn({ lease: null, marks, log })(), null)
  assert.equal(lines[0]?.msg, 'not known which node looks after the store')
})
