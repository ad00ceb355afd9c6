import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RateLimiter } from '../../time/rate-limiter.ts'
import { WaitedClock } from '../fakes/waited-clock.ts'

const NEVER = new AbortController().signal

it('Pace lets a burst through again after a rest, and no more than that', async () => {
  const clock = new WaitedClock()
  const limiter = new RateLimiter({ burst: 2, perSecond: 1 }, clock)
  const tell = async () => {
    await limiter.next(NEVER)
    return clock.ms
  }
  assert.deepEqual([await tell(), await tell(), await tell()], [0, 0, 1000])
  clock.ms = 100_000
  assert.deepEqual([await tell(), await tell(), await tell()], [100_000, 100_000, 101_000])
})

it('Pace serves in the order in which it was asked', async () => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, new WaitedClock())
  const order: number[] = []
  await Promise.all([1, 2, 3].map(async number => limiter.next(NEVER).then(() => order.push(number))))
  assert.deepEqual(order, [1, 2, 3])
})

it('Pace rejects who is stopped, and takes nothing from who comes next', async () => {
  const clock = new WaitedClock()
  const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, clock)
  await limiter.next(NEVER)
  await assert.rejects(limiter.next(AbortSignal.abort()), /is being stopped/)
  await limiter.next(NEVER)
  assert.equal(clock.ms, 1000)
})
