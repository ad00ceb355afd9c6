import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ChatTurns } from '../../../installer/outbox/chat-turns.ts'
import { WaitedClock } from '../../fakes/waited-clock.ts'
import { TimedStore } from '../../groups/timed-store.ts'
import { openLogLines } from '../log-lines.ts'

const BOT = {
  kind: 'dingtalk',
  webhookUrl: 'https://oapi.dingtalk.com/robot/send?access_token=secret',
} as const
const BEGAN = new Date('2026-11-21T04:00:00Z')

/** Nodes with one store and one clock. */
function fleet({ isOn = true } = {}) {
  const store = new TimedStore(BEGAN)
  const clock = new WaitedClock()
  const { log, lines } = openLogLines()
  let state = 1
  const random = () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
  const now = () => new Date(BEGAN.getTime() + clock.ms)
  const node = (ours = new Map<string, number>()) =>
    new ChatTurns({ store, clock, now, random, ours, isOn: async () => isOn, log })
  return { store, clock, node, messages: () => lines.map(({ msg }) => msg) }
}

it('one message of one node is told at once, for one request', async () => {
  const { store, node } = fleet()
  assert.equal(await node().secondsTo(BOT), 0)
  assert.equal(store.requests.putIfNew, 1)
  assert.doesNotMatch([...store.objects.keys()].join(), /secret/)
})

it('500 nodes that tell a bot at once are no more than it takes, and are through in an hour or three', async () => {
  const { store, node } = fleet()
  const seconds = await Promise.all(Array.from({ length: 500 }, () => node().secondsTo(BOT)))
  const inMinute = (from: number) => seconds.filter(at => at >= from && at < from + 60).length
  assert.ok(Math.max(...seconds.map(inMinute)) <= 20)
  assert.ok(Math.max(...seconds) < 4 * 3600, `${Math.max(...seconds)}`)
  assert.ok(store.requests.putIfNew < 20 * 500, `${store.requests.putIfNew}`)
})

it('a node waits for the turn that it has, and asks for no other one before', async () => {
  const { store, clock, node } = fleet()
  await node().secondsTo(BOT)
  const late = node()
  const seconds = await late.secondsTo(BOT)
  assert.ok(seconds > 0)
  const { putIfNew } = store.requests
  await clock.pause(seconds / 2)
  assert.equal(await late.secondsTo(BOT), seconds / 2)
  await clock.pause(seconds / 2)
  assert.equal(await late.secondsTo(BOT), 0)
  assert.equal(store.requests.putIfNew, putIfNew)
  await late.secondsTo(BOT)
  assert.ok(store.requests.putIfNew > putIfNew)
})

it('messages of one node that come at once have one turn after the other, and lose none', async () => {
  const { store, node } = fleet()
  await node().secondsTo(BOT)
  const late = node()
  const seconds = await Promise.all(Array.from({ length: 4 }, () => late.secondsTo(BOT)))
  assert.ok((seconds[0] ?? 0) > 0)
  assert.equal(new Set(seconds).size, 1)
  assert.equal(store.objects.size, 2)
})

it('of messages that come at once one has the turn that begins now', async () => {
  const { node } = fleet()
  const one = node()
  const seconds = await Promise.all([one.secondsTo(BOT), one.secondsTo(BOT), one.secondsTo(BOT)])
  assert.deepEqual(
    seconds.map(at => at === 0),
    [true, false, false],
  )
})

it('a turn is still ours after the configuration changed', async () => {
  const { store, node } = fleet()
  await node().secondsTo(BOT)
  const ours = new Map<string, number>()
  const seconds = await node(ours).secondsTo(BOT)
  assert.ok(seconds > 0)
  assert.equal(await node(ours).secondsTo(BOT), seconds)
  assert.equal(store.objects.size, 2)
})

it('another bot has turns of its own', async () => {
  const { node } = fleet()
  assert.equal(await node().secondsTo(BOT), 0)
  assert.equal(await node().secondsTo({ ...BOT, webhookUrl: `${BOT.webhookUrl}2` }), 0)
})

it('a store that is away keeps nobody from being told, and is left alone for a minute', async () => {
  const { store, clock, node, messages } = fleet()
  store.failure = new Error('it is away')
  const one = node()
  assert.deepEqual([await one.secondsTo(BOT), await one.secondsTo(BOT)], [0, 0])
  assert.equal(store.requests.putIfNew, 1)
  assert.deepEqual(messages(), ['not known whose turn it is to tell a chat'])
  store.failure = null
  await clock.pause(60)
  await one.secondsTo(BOT)
  assert.equal(store.requests.putIfNew, 2)
})

it('there are none where nodes cannot agree', async () => {
  const { store, node } = fleet({ isOn: false })
  assert.deepEqual([await node().secondsTo(BOT), await node().secondsTo(BOT)], [0, 0])
  assert.equal(store.requests.putIfNew, 0)
})
