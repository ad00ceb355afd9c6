import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FairQueue } from '../../serving/fair-queue.ts'

function queueOf(...items: readonly string[]): FairQueue<string> {
  const queue = new FairQueue<string>()
  for (const item of items) queue.add(item.slice(0, 1), item)
  return queue
}

it('owners take turns, each in its own order', () => {
  const queue = queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'b2')
  const taken = Array.from({ length: 7 }, () => queue.take()?.item)
  assert.deepEqual(taken, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3', undefined])
  assert.deepEqual([queue.size, queue.owners], [0, 0])
})

it('an owner that is not ready keeps nobody waiting', () => {
  const queue = queueOf('a1', 'b1')
  assert.deepEqual(
    queue.take(owner => owner !== 'a'),
    { owner: 'b', item: 'b1' },
  )
  assert.equal(
    queue.take(() => false),
    null,
  )
  assert.equal(queue.size, 1)
})

it('the oldest of whoever has most is crowding, and what is removed is not there', () => {
  const queue = queueOf('a1', 'b1', 'b2', 'b3')
  assert.equal(queue.crowding(), 'b1')
  for (const item of ['b1', 'b2', 'b2', 'b9']) queue.remove('b', item)
  assert.deepEqual([queue.crowding(), queue.of('b'), queue.size], ['a1', 1, 2])
  assert.equal(new FairQueue().crowding(), undefined)
})
