import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Gate } from '../../../api/coredumps/gate.ts'

const { signal } = new AbortController()

it('so many go on at once, the others in their turn, and one too many is told to come again', async () => {
  const gate = new Gate({ places: 2, mostWaiting: 2 })
  const done: number[] = []
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const began: number[] = []
  const work = ends.map(({ promise }, at) =>
    gate.through(signal, async () => {
      began.push(at)
      await promise
      done.push(at)
    }),
  )
  await assert.rejects(
    gate.through(signal, async () => undefined),
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
  const gate = new Gate({ places: 1, mostWaiting: 1 })
  const end = Promise.withResolvers<void>()
  const first = gate.through(signal, () => end.promise)
  const gone = new AbortController()
  const second = gate.through(gone.signal, async () => assert.fail('it is gone'))
  gone.abort(new Error('gone'))
  await assert.rejects(second, /gone/)
  const third = gate.through(signal, async () => {
    throw new Error('failed')
  })
  end.resolve()
  await first
  await assert.rejects(third, /failed/)
  assert.equal(await gate.through(signal, async () => 4), 4)
  await assert.rejects(
    gate.through(AbortSignal.abort(), async () => 5),
    { name: 'AbortError' },
  )
})
