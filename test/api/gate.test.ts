import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Gate } from '../../api/gate.ts'

const { signal } = new AbortController()

function asker(name: string, until: AbortSignal = signal) {
  return { user: { name, groups: [], extra: {} }, signal: until }
}

it('so many go on at once, the others in their turn, and one too many is told to come again', async () => {
  const gate = new Gate({ places: 2, mostWaiting: 4 })
  const done: number[] = []
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const began: number[] = []
  const work = ends.map(({ promise }, at) =>
    gate.through(asker('ann'), async () => {
      began.push(at)
      await promise
      done.push(at)
    }),
  )
  await assert.rejects(
    gate.through(asker('ann'), async () => undefined),
    { code: 429, retryAfterSeconds: 1 },
  )
  assert.deepEqual(began, [0, 1])
  ends[1]?.resolve()
  await work[1]
  await setImmediate()
  assert.deepEqual(began, [0, 1, 2])
  for (const { resolve } of ends) resolve()
  await Promise.all(work)
  assert.deepEqual(done, [1, 0, 2, 3])
})

it('who goes while it waits leaves its place, and what fails does so, too', async () => {
  const gate = new Gate({ places: 1, mostWaiting: 2 })
  const end = Promise.withResolvers<void>()
  const first = gate.through(asker('ann'), () => end.promise)
  const gone = new AbortController()
  const second = gate.through(asker('ann', gone.signal), async () => assert.fail('it is gone'))
  gone.abort(new Error('gone'))
  await assert.rejects(second, /gone/)
  const third = gate.through(asker('ann'), async () => {
    throw new Error('failed')
  })
  end.resolve()
  await first
  await assert.rejects(third, /failed/)
  assert.equal(await gate.through(asker('ann'), async () => 4), 4)
  await assert.rejects(
    gate.through(asker('ann', AbortSignal.abort()), async () => 5),
    { name: 'AbortError' },
  )
})

/** What begins in `gate`, in its order, when all of it ends at once. */
async function orderOf(gate: Gate, names: readonly string[]): Promise<readonly string[]> {
  const began: string[] = []
  const end = Promise.withResolvers<void>()
  const all = names.map(name =>
    gate.through(asker(name), async () => {
      began.push(name)
      await end.promise
    }),
  )
  end.resolve()
  await Promise.all(all)
  return began
}

it('tenants take turns, however many requests one has', async () => {
  const gate = new Gate({ places: 1, mostWaiting: 100 })
  const order = await orderOf(gate, ['ann', 'ann', 'ann', 'ann', 'ben', 'cem', 'ben'])
  assert.deepEqual(order, ['ann', 'ann', 'ben', 'cem', 'ann', 'ben', 'ann'])
})

it('one tenant has no more places than are its, and the next one finds one', async () => {
  const gate = new Gate({ places: 4, mostOfOne: 2, mostWaiting: 100 })
  const accounts = ['default', 'other', 'third'].map(name => `system:serviceaccount:shop:${name}`)
  const order = await orderOf(gate, [...accounts, 'ann', 'ben'])
  assert.deepEqual(order, [...accounts.slice(0, 2), 'ann', 'ben', accounts[2]])
})

it('one tenant does not take all the room to wait in', async () => {
  const gate = new Gate({ places: 1, mostWaiting: 4 })
  const end = Promise.withResolvers<void>()
  const through = (name: string) => gate.through(asker(name), () => end.promise)
  const inside = [through('ann'), through('ann'), through('ann')]
  await assert.rejects(through('ann'), { code: 429 })
  inside.push(through('ben'))
  end.resolve()
  await Promise.all(inside)
})
