import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import type { OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import { deliverEntry } from '../../../installer/outbox/delivery.ts'
import type { Destination } from '../../../installer/outbox/destination.ts'
import type { Target } from '../../../notify/target.ts'
import { OK, UNTOLD, type Verdict } from '../../../notify/verdict.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'

const NOW = new Date('2026-11-21T06:00:00.000Z')
const CHAT: Target = `channel:${'0a'.repeat(16)}`
const LATER: Verdict = { kind: 'retry', reason: 'HTTP 503', hint: 'Wait.', afterSeconds: 0 }
const NEVER: Verdict = { kind: 'failed', reason: 'HTTP 403', hint: 'Check the token.' }
const { id } = REPORT

let root = ''
let outbox: OutboxFolder
let signal: AbortController
let counted: string[]
let lines: LogLine[]

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-delivery-'))
  outbox = new OutboxFolder(path.join(root, 'outbox'))
  signal = new AbortController()
  counted = []
})
afterEach(() => rm(root, { recursive: true, force: true }))

const all: readonly Target[] = ['customHandler', CHAT, 'coreSight']

function entry(overrides: Partial<OutboxEntry> = {}): OutboxEntry {
  const firstAt = '2026-11-21T05:59:00.000Z'
  return { notice: sampleNotification(), pending: all, notBefore: null, attempts: 0, firstAt, ...overrides }
}

type Told = (entry: OutboxEntry) => Verdict | Promise<Verdict>

/** Delivers to destinations that answer as `told` says; those that are not in it are not configured. */
async function deliver(
  from: OutboxEntry,
  told: Partial<Record<string, Told>>,
  random = 0,
  held: ReadonlySet<Target> = new Set(),
) {
  await outbox.add(from)
  const opened = openLogLines()
  lines = opened.lines
  const destinationOf = (target: Target): Destination | null => {
    const answer = told[target]
    if (answer === undefined) return null
    const mostAttempts = target === 'customHandler' ? { mostAttempts: 3 } : {}
    return { target, name: target, kind: 'channel', ...mostAttempts, deliver: async given => answer(given) }
  }
  return deliverEntry(
    from,
    {
      outbox,
      destinationOf,
      refresh: async notification => ({ ...notification, link: 'https://fresh.example' }),
      metrics: { countDelivery: (_kind, outcome) => void counted.push(outcome) },
      log: opened.log,
      now: () => NOW,
      random: () => random,
    },
    signal.signal,
    held,
  )
}

it('deliverEntry() tells everybody in order, with a fresh link, and removes the entry', async () => {
  const told: string[] = []
  const note =
    (who: string): Told =>
    ({ notice: notification }) => {
      told.push(`${who} ${notification.link}`)
      return OK
    }
  await deliver(entry(), { customHandler: note('script'), [CHAT]: note('chat'), coreSight: note('sight') })
  assert.deepEqual(told, [
    'script https://fresh.example',
    'chat https://fresh.example',
    'sight https://fresh.example',
  ])
  assert.deepEqual(await outbox.ids(), [])
  assert.deepEqual(counted, ['ok', 'ok', 'ok'])
})

it('deliverEntry() counts nothing as delivered that one is not to hear of', async () => {
  await deliver(entry(), { customHandler: () => OK, [CHAT]: () => UNTOLD, coreSight: () => OK })
  assert.deepEqual(await outbox.ids(), [])
  assert.deepEqual(counted, ['ok', 'ok'])
  assert.deepEqual(
    lines.map(({ msg }) => msg).filter(msg => msg === 'delivered'),
    ['delivered', 'delivered'],
  )
})

it('deliverEntry() has the attempt on the disk before it, and a success right after it', async () => {
  const seen: unknown[] = []
  const look: Told = async () => {
    const found = await outbox.read(id)
    if (found !== null && typeof found !== 'string')
      seen.push([found.pending, found.attempts, found.notBefore])
    return OK
  }
  await deliver(entry(), { customHandler: look, [CHAT]: look, coreSight: look })
  assert.deepEqual(seen, [
    [all, 1, '2026-11-21T06:00:10.000Z'],
    [[CHAT, 'coreSight'], 1, '2026-11-21T06:00:10.000Z'],
    [['coreSight'], 1, '2026-11-21T06:00:10.000Z'],
  ])
})

it('deliverEntry() goes on after a failure, and keeps who is to be told later, with the old link', async () => {
  const from = entry()
  const left = await deliver(from, { customHandler: () => LATER, [CHAT]: () => OK, coreSight: () => NEVER })
  assert.deepEqual(left, {
    ...from,
    pending: ['customHandler'],
    attempts: 1,
    notBefore: '2026-11-21T06:00:10.000Z',
  })
  assert.deepEqual(await outbox.read(id), left)
  assert.deepEqual(counted, ['retry', 'ok', 'failed'])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['delivery failed', 'delivered', 'delivery given up'],
  )
})

for (const [attempts, random, seconds] of [
  [0, 1, 5],
  [1, 0, 20],
  [3, 0.5, 60],
  [6, 0, 600],
  [40, 1, 300],
] as const) {
  it(`deliverEntry() waits ${seconds} s after ${attempts + 1} attempts, at random ${random}`, async () => {
    const { notBefore } = await deliver(entry({ attempts }), { [CHAT]: () => LATER }, random)
    assert.equal(Date.parse(notBefore ?? '') - NOW.getTime(), seconds * 1000)
  })
}

it('deliverEntry() waits as long as somebody asks, but not for ever', async () => {
  const asks = (afterSeconds: number) => () => ({ ...LATER, afterSeconds })
  const pending = [CHAT]
  assert.equal(
    (await deliver(entry({ pending }), { [CHAT]: asks(90) })).notBefore,
    '2026-11-21T06:01:30.000Z',
  )
  assert.equal(
    (await deliver(entry({ pending }), { [CHAT]: asks(1e9) })).notBefore,
    '2026-11-21T06:10:00.000Z',
  )
})

it('deliverEntry() tries a chat again in its turn, however often it failed before', async () => {
  const wait: Verdict = { ...LATER, afterSeconds: 20, isTurn: true }
  const left = await deliver(entry({ pending: [CHAT], attempts: 7 }), { [CHAT]: () => wait })
  assert.equal(left.notBefore, '2026-11-21T06:00:20.000Z')
  assert.equal(left.attempts, 7)
  assert.deepEqual(counted, [])
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [[30, 'delivery waits for its turn']],
  )
})

it('deliverEntry() is not in the way of a handler after it waited for a turn', async () => {
  const wait: Verdict = { ...LATER, afterSeconds: 20, isTurn: true }
  const left = await deliver(entry({ pending: [CHAT] }), { [CHAT]: () => wait })
  assert.equal(left.attempts, 1)
})

it('deliverEntry() tries others no sooner for a turn', async () => {
  const wait: Verdict = { ...LATER, afterSeconds: 20, isTurn: true }
  const left = await deliver(entry({ attempts: 7 }), { [CHAT]: () => wait, coreSight: () => LATER })
  assert.equal(left.notBefore, '2026-11-21T06:10:00.000Z')
  assert.equal(left.attempts, 8)
})

it('deliverEntry() runs a script three times', async () => {
  const from = entry({ pending: ['customHandler'] })
  assert.equal((await deliver({ ...from, attempts: 1 }, { customHandler: () => LATER })).pending.length, 1)
  assert.equal((await deliver({ ...from, attempts: 2 }, { customHandler: () => LATER })).pending.length, 0)
  assert.equal(lines.at(-1)?.msg, 'delivery given up')
})

it('deliverEntry() does not run a script again with which we were killed three times', async () => {
  const from = entry({ pending: ['customHandler'], attempts: 3 })
  await deliver(from, { customHandler: () => assert.fail('it ran') })
  assert.deepEqual(await outbox.ids(), [])
})

it('deliverEntry() leaves what it was stopped in, and what comes after', async () => {
  const stop: Told = () => {
    signal.abort()
    return LATER
  }
  const left = await deliver(entry({ attempts: 2 }), {
    customHandler: stop,
    [CHAT]: () => assert.fail('told'),
  })
  assert.deepEqual(left.pending, all)
})

it('deliverEntry() drops who is no longer configured', async () => {
  await deliver(entry({ pending: [CHAT] }), {})
  assert.deepEqual(await outbox.ids(), [])
  assert.deepEqual(
    lines.map(({ msg, to }) => [msg, to]),
    [['delivery dropped: it is no longer configured', CHAT]],
  )
})

it('deliverEntry() takes a destination that throws for one to try again', async () => {
  const breaks = () => Promise.reject(new Error('ENOSPC'))
  assert.deepEqual((await deliver(entry({ pending: [CHAT] }), { [CHAT]: breaks })).pending, [CHAT])
})

it('deliverEntry() gives up after a week, and says so', async () => {
  const firstAt = new Date(NOW.getTime() - 7 * 24 * 3600 * 1000 - 1).toISOString()
  await deliver(entry({ firstAt }), { [CHAT]: () => assert.fail('told') })
  assert.deepEqual(await outbox.ids(), [])
  assert.deepEqual(
    lines.map(({ msg, level }) => [msg, level]),
    [['notice given up: nobody took it for a week', 50]],
  )
  assert.deepEqual(counted, ['failed'])
})

it('deliverEntry() tells nobody when it cannot write that it tries', async () => {
  await outbox.add(entry())
  await rm(path.join(root, 'outbox'), { recursive: true })
  await writeFile(path.join(root, 'outbox'), 'a file where the folder should be')
  const fails = () => assert.fail('told')
  outbox.add = () => Promise.resolve()
  await assert.rejects(deliver(entry(), { customHandler: fails }), { code: /EEXIST|ENOTDIR/ })
})

it('deliverEntry() tells everybody but who is held, and keeps that one', async () => {
  const all = { customHandler: () => OK, [CHAT]: () => OK, coreSight: () => OK }
  const left = await deliver(entry(), all, 0, new Set([CHAT]))
  assert.deepEqual(left.pending, [CHAT])
  assert.deepEqual(await outbox.read(id), left)
})
