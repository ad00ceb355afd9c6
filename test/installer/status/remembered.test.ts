import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Remembered } from '../../../installer/status/remembered.ts'

/** Counts how often it is read, and reads when told to. */
function counting() {
  const world = { reads: 0, now: 0, fail: false, gate: Promise.resolve() }
  const read = async () => {
    world.reads += 1
    await world.gate
    if (world.fail) throw new Error('no')
    return world.reads
  }
  return { world, remembered: new Remembered(read, 10, () => world.now) }
}

it('Remembered reads once for all that ask within its time', async () => {
  const { world, remembered } = counting()
  assert.deepEqual(await Promise.all([remembered.get(), remembered.get(), remembered.get()]), [1, 1, 1])
  world.now = 9_999
  assert.equal(await remembered.get(), 1)
  assert.deepEqual(remembered.last, { value: 1, ageSeconds: 10 })
  world.now = 10_000
  assert.equal(await remembered.get(), 2)
})

it('Remembered.renew waits for nothing, and reads at most one at a time', async () => {
  const { world, remembered } = counting()
  const gate = Promise.withResolvers<void>()
  world.gate = gate.promise
  remembered.renew()
  world.now = 60_000
  remembered.renew()
  assert.deepEqual([world.reads, remembered.isReading, remembered.last], [1, true, null])
  gate.resolve()
  await remembered.get()
  assert.deepEqual([remembered.isReading, remembered.last?.value], [false, 1])
})

it('Remembered keeps what it knows when a reading fails, and tries again in its time', async () => {
  const { world, remembered } = counting()
  await remembered.get()
  world.fail = true
  world.now = 20_000
  await assert.rejects(remembered.get(), /no/)
  assert.deepEqual(remembered.last, { value: 1, ageSeconds: 20 })
  world.fail = false
  remembered.renew()
  assert.equal(world.reads, 2)
  world.now = 40_000
  assert.equal(await remembered.get(), 3)
})

it('Remembered reads again when the clock was set back', async () => {
  const { world, remembered } = counting()
  await remembered.get()
  world.now = -3_600_000
  assert.equal(await remembered.get(), 2)
})
