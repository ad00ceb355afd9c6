import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ChannelKind } from '../../config/config.ts'
import { type Clock, Pace, Paces } from '../../installer/outbox-pace.ts'

const NEVER = new AbortController().signal

/** A clock that moves by what is waited. */
class Waited implements Clock {
  ms = 0
  readonly now = () => this.ms
  readonly pause = async (seconds: number) => {
    this.ms += seconds * 1000
  }
}

/** The most that fall into any `windowSeconds`, of 300 that are wanted at once. */
async function most(kind: ChannelKind, windowSeconds: number): Promise<number> {
  const clock = new Waited()
  const pace = new Paces(clock).of({ kind, webhookUrl: 'https://chat.example/bot' })
  const times: number[] = []
  for (let number = 0; number < 300; number += 1) {
    await pace.next(NEVER)
    times.push(clock.ms)
  }
  return Math.max(
    ...times.map(from => times.filter(at => at >= from && at <= from + windowSeconds * 1000).length),
  )
}

const LIMITS: readonly (readonly [ChannelKind, perSeconds: number, atMost: number])[] = [
  ['feishu', 60, 100],
  ['feishu', 1, 5],
  ['wechat', 60, 20],
  ['dingtalk', 60, 20],
  ['slack', 60, 60],
]
for (const [kind, seconds, limit] of LIMITS) {
  it(`a bot of ${kind} is told ${limit} times within ${seconds} s at the most, and not much less`, async () => {
    const told = await most(kind, seconds)
    assert.ok(told <= limit && told >= 0.7 * limit, String(told))
  })
}

it('Pace lets a burst through again after a rest, and no more than that', async () => {
  const clock = new Waited()
  const pace = new Pace({ burst: 2, perSecond: 1 }, clock)
  const tell = async () => {
    await pace.next(NEVER)
    return clock.ms
  }
  assert.deepEqual([await tell(), await tell(), await tell()], [0, 0, 1000])
  clock.ms = 100_000
  assert.deepEqual([await tell(), await tell(), await tell()], [100_000, 100_000, 101_000])
})

it('Pace serves in the order in which it was asked', async () => {
  const pace = new Pace({ burst: 1, perSecond: 1 }, new Waited())
  const order: number[] = []
  await Promise.all([1, 2, 3].map(async number => pace.next(NEVER).then(() => order.push(number))))
  assert.deepEqual(order, [1, 2, 3])
})

it('Pace rejects who is stopped, and takes nothing from who comes next', async () => {
  const clock = new Waited()
  const pace = new Pace({ burst: 1, perSecond: 1 }, clock)
  await pace.next(NEVER)
  await assert.rejects(pace.next(AbortSignal.abort()), /is being stopped/)
  await pace.next(NEVER)
  assert.equal(clock.ms, 1000)
})

it('Paces has one pace for a bot, whatever keyword it has, and another for another bot', async () => {
  const paces = new Paces(new Waited())
  const bot = { kind: 'wechat', webhookUrl: 'https://chat.example/1' } as const
  assert.equal(paces.of(bot), paces.of({ ...bot }))
  assert.notEqual(paces.of(bot), paces.of({ ...bot, webhookUrl: 'https://chat.example/2' }))
})
