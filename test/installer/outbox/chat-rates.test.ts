import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CHANNEL_KINDS, type ChannelKind } from '../../../config/chats.ts'
import { ChatLimiters } from '../../../installer/outbox/chat-rates.ts'
import { WaitedClock } from '../../fakes/waited-clock.ts'

const NEVER = new AbortController().signal

/** The most that fall into any `windowSeconds`, of 300 that are wanted at once. */
async function most(kind: ChannelKind, windowSeconds: number): Promise<number> {
  const clock = new WaitedClock()
  const limiter = new ChatLimiters(clock).of({ kind, webhookUrl: 'https://chat.example/bot' })
  const times: number[] = []
  for (let number = 0; number < 300; number += 1) {
    await limiter.next(NEVER)
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
  ['teams', 1, 5],
  ['telegram', 60, 20],
  ['discord', 60, 30],
  ['discord', 2, 5],
]
for (const [kind, seconds, limit] of LIMITS) {
  it(`a bot of ${kind} is told ${limit} times within ${seconds} s at the most, and not much less`, async () => {
    const told = await most(kind, seconds)
    assert.ok(told <= limit && told >= 0.7 * limit, String(told))
  })
}

it('ChatLimiters has one limiter for a bot, whatever keyword it has, and another for another bot', async () => {
  const limiters = new ChatLimiters(new WaitedClock())
  const bot = { kind: 'wechat', webhookUrl: 'https://chat.example/1' } as const
  assert.equal(limiters.of(bot), limiters.of({ ...bot }))
  assert.notEqual(limiters.of(bot), limiters.of({ ...bot, webhookUrl: 'https://chat.example/2' }))
})

it('the limit of each chat is one of these', () => {
  assert.deepEqual(new Set(LIMITS.map(([kind]) => kind)), new Set(CHANNEL_KINDS))
})
