import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import type { OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../../handoff/outbox-folder.ts'
import type { Destination } from '../../../installer/outbox/destination.ts'
import { Postman, type PostmanOptions } from '../../../installer/outbox/postman.ts'
import type { Metrics } from '../../../installer/telemetry/metrics.ts'
import type { Notification } from '../../../notify/notification.ts'
import { OK, type Verdict } from '../../../notify/verdict.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'
import { Rounds } from '../rounds.ts'

const START_MS = Date.parse('2026-11-21T06:00:00.000Z')
const LATER: Verdict = { kind: 'retry', reason: 'HTTP 503', hint: 'Wait.', afterSeconds: 0 }

let root = ''
let outbox: OutboxFolder
let rounds: Rounds
let abort: AbortController
let done: Promise<void>
let nowMs: number
let lines: LogLine[]
let counted: string[]
let outboxes: Parameters<Metrics['setOutbox']>[0][]
/** The ids of crashes that were begun to be delivered, and how each ends. */
let begun: string[]
let ends: Map<string, PromiseWithResolvers<Verdict>>

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-postman-'))
  outbox = new OutboxFolder(path.join(root, 'outbox'))
  rounds = new Rounds()
  abort = new AbortController()
  nowMs = START_MS
  outboxes = []
  counted = []
  begun = []
  ends = new Map()
})
afterEach(async () => {
  abort.abort()
  for (const { resolve } of ends.values()) resolve(OK)
  await done
  await rm(root, { recursive: true, force: true })
})

function idOf(number: number): string {
  return number.toString(16).padStart(12, '0')
}

async function add(number: number, overrides: Partial<OutboxEntry> = {}): Promise<void> {
  const notification = sampleNotification({ report: { ...REPORT, id: idOf(number) } })
  const firstAt = new Date(START_MS - number * 1000).toISOString()
  const entry: OutboxEntry = {
    notice: notification,
    pending: ['coreSight'],
    notBefore: null,
    attempts: 0,
    firstAt,
  }
  await outbox.add({ ...entry, ...overrides })
}

function at(seconds: number): string {
  return new Date(START_MS + seconds * 1000).toISOString()
}

/**
 * Works through the first round; `after` gives what one delivery ends with, by default when the test says so.
 */
async function start(
  after: (id: string) => Verdict | null = () => null,
  together: Pick<Destination, 'together'> = {},
  more: Pick<PostmanOptions, 'mostKept'> = {},
): Promise<void> {
  const opened = openLogLines()
  lines = opened.lines
  const deliver = ({ notice: notification }: OutboxEntry) => {
    const { id } = notification.report
    begun.push(id)
    const end = Promise.withResolvers<Verdict>()
    ends.set(id, end)
    const verdict = after(id)
    if (verdict !== null) end.resolve(verdict)
    return end.promise
  }
  const postman = new Postman(
    {
      outbox,
      destinationOf: () => ({
        target: 'coreSight',
        name: 'coreSight',
        kind: 'coreSight',
        deliver,
        ...together,
      }),
      refresh: async notification => notification,
      ...more,
      metrics: {
        countDelivery: (...what) => void counted.push(what.join(' ')),
        setOutbox: shown => void outboxes.push(shown),
      },
      log: opened.log,
      pause: rounds.pause,
      now: () => new Date(nowMs),
      random: () => 0,
    },
    abort.signal,
  )
  done = postman.work()
  await rounds.over()
}

/** Until `count` deliveries have begun: what is under way does not wait for rounds. */
async function untilBegun(count: number): Promise<void> {
  for (let turn = 0; begun.length < count; turn += 1) {
    assert.ok(turn < 100_000, `${begun.length} of ${count} deliveries have begun`)
    await rounds.next()
  }
}

async function untilGone(): Promise<void> {
  for (let turn = 0; (await outbox.ids()).length > 0; turn += 1) {
    assert.ok(turn < 100_000, 'the outbox does not become empty')
    await rounds.next()
  }
}

it('Postman delivers the oldest first, four at once, and all in the end', async () => {
  for (let number = 1; number <= 6; number += 1) await add(number)
  await start()
  await untilBegun(4)
  for (let round = 0; round < 5; round += 1) await rounds.next()
  assert.deepEqual(begun.toSorted(), [3, 4, 5, 6].map(idOf))
  ends.get(idOf(6))?.resolve(OK)
  await untilBegun(5)
  assert.equal(begun[4], idOf(2))
  ends.get(idOf(3))?.resolve(OK)
  await untilBegun(6)
  assert.equal(begun[5], idOf(1))
  for (const { resolve } of ends.values()) resolve(OK)
  await untilGone()
})

it('Postman looks every second, and says how much there is', async () => {
  await add(1)
  await add(2, { notBefore: at(60) })
  await start(() => OK)
  await rounds.next()
  assert.deepEqual([rounds.waits, outboxes[0]?.entries], [[1, 1], 2])
})

it('Postman says since when the oldest entry waits, as long as it does', async () => {
  await add(7, { attempts: 1, notBefore: at(90) })
  await add(3)
  await start(id => (id === idOf(3) ? OK : null))
  while ((await outbox.ids()).length > 1) await rounds.next()
  await rounds.next()
  assert.deepEqual(outboxes.at(-1), { entries: 1, oldest: new Date(at(-7)) })
  await outbox.remove(idOf(7))
  await rounds.next()
  await rounds.next()
  assert.deepEqual(outboxes.at(-1), { entries: 0, oldest: null })
})

it('Postman leaves an entry to the handler until its time has come', async () => {
  await add(1, { notBefore: at(90) })
  await start(() => OK)
  await rounds.next()
  assert.deepEqual(begun, [])
  nowMs += 90_000
  await untilGone()
})

it('Postman delivers an entry at once that the handler has finished with', async () => {
  await add(1, { notBefore: at(90) })
  await start(() => OK)
  await add(1)
  await untilGone()
})

it('Postman tries again when the entry says so', async () => {
  const verdicts = [LATER, OK]
  await add(1)
  await start(() => verdicts.shift() ?? null)
  await untilBegun(1)
  for (let round = 0; round < 20; round += 1) await rounds.next()
  assert.equal(begun.length, 1)
  nowMs += 10_000
  await untilBegun(2)
  await untilGone()
})

it('Postman does not wait for a clock that was set back', async () => {
  await add(1, { notBefore: at(10 * 365 * 24 * 3600) })
  await start(() => OK)
  await untilGone()
})

it('Postman puts aside what is no entry, and delivers the others', async () => {
  await add(1)
  await writeFile(path.join(root, 'outbox', `${idOf(2)}.json`), '{')
  await start(() => OK)
  await untilGone()
  assert.deepEqual(
    lines.filter(({ level }) => level >= 50).map(({ msg, crash }) => [msg, crash]),
    [['outbox entry put aside: it cannot be read', idOf(2)]],
  )
})

it('Postman lives with a folder that it cannot read, and says so once', async () => {
  await writeFile(path.join(root, 'outbox'), 'no folder')
  await start()
  await rounds.next()
  await rounds.next()
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['outbox not worked on'],
  )
})

it('work() ends with the signal, after what is under way, and begins nothing more', async () => {
  for (let number = 1; number <= 6; number += 1) await add(number)
  await start()
  await untilBegun(4)
  abort.abort()
  for (const { resolve } of ends.values()) resolve(OK)
  await done
  assert.equal(begun.length, 4)
  assert.deepEqual((await outbox.ids()).length, 2)
})

/** A destination that hears of many at once, and the numbers of crashes that it was told of. */
function hearing(verdicts: readonly Verdict[] = []): {
  told: number[][]
  together: Pick<Destination, 'together'>
} {
  const told: number[][] = []
  const deliver = async (notifications: readonly Notification[]) => {
    told.push(notifications.map(({ report }) => Number.parseInt(report.id, 16)))
    return verdicts[told.length - 1] ?? OK
  }
  return { told, together: { together: { hears: () => true, deliver } } }
}

it('Postman tells of six crashes in one message, the oldest first, and of five one by one', async () => {
  for (let number = 10; number < 16; number += 1) await add(number)
  const { told, together } = hearing()
  await start(() => OK, together)
  await untilGone()
  assert.deepEqual([told, begun], [[[15, 14, 13, 12, 11, 10]], []])
  for (let number = 20; number < 25; number += 1) await add(number)
  await untilGone()
  assert.deepEqual([told.length, begun.length], [1, 5])
})

it('Postman gives up what is a week old, also in a storm', async () => {
  await add(99, { firstAt: at(-8 * 24 * 3600) })
  for (let number = 0; number < 6; number += 1) await add(number)
  const { told, together } = hearing()
  await start(() => OK, together)
  while ((await outbox.ids()).length > 6) await rounds.next()
  assert.deepEqual([told, begun], [[], []])
  assert.ok(lines.some(({ msg, crash }) => msg.startsWith('notice given up') && crash === idOf(99)))
})

it('Postman waits for the end of a storm, and half a minute at the most', async () => {
  const { told, together } = hearing()
  for (let number = 0; number < 7; number += 1) await add(number)
  await start(() => OK, together)
  await rounds.next()
  assert.deepEqual([told, begun], [[], []])
  nowMs += 4_000
  await add(7, { firstAt: at(4) })
  await rounds.next()
  nowMs += 4_000
  await rounds.next()
  assert.deepEqual(told, [])
  nowMs += 1_000
  await untilGone()
  assert.deepEqual([told.map(({ length }) => length), begun], [[8], []])
})

it('Postman does not wait for the end of a storm that has none', async () => {
  const { told, together } = hearing()
  for (let number = 0; number < 6; number += 1) await add(number, { firstAt: at(0) })
  await start(() => OK, together)
  for (let second = 4; second <= 28; second += 4) {
    nowMs = START_MS + second * 1000
    await add(100 + second, { firstAt: at(second) })
    await rounds.next()
  }
  assert.deepEqual(told, [])
  nowMs = START_MS + 30_000
  await untilGone()
  assert.deepEqual(
    told.map(({ length }) => length),
    [13],
  )
})

it('Postman keeps a storm together while its chat is away, and new crashes with it', async () => {
  const { told, together } = hearing([LATER, OK])
  for (let number = 10; number < 16; number += 1) await add(number)
  await start(() => OK, together)
  while (told.length < 1) await rounds.next()
  for (const id of await outbox.ids()) await untilResting(id)
  await add(1)
  for (let round = 0; round < 20; round += 1) await rounds.next()
  assert.deepEqual([told.length, begun], [1, []])
  nowMs += 10_000
  await untilGone()
  assert.deepEqual([told.map(({ length }) => length), begun], [[6, 7], []])
})

async function untilResting(id: string): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const entry = await outbox.read(id)
    if (entry !== null && typeof entry !== 'string' && entry.attempts > 0) return
    assert.ok(turn < 100_000, 'it does not rest')
    await rounds.next()
  }
}

it('Postman drops of a destination that is away what would fill the outbox, the oldest first, and says so', async () => {
  for (const number of [1, 2, 3, 4]) await add(number, { notBefore: at(60), attempts: 1 })
  await add(9, { attempts: 1 })
  await start(() => LATER, {}, { mostKept: 3 })
  assert.deepEqual((await outbox.ids()).toSorted(), [1, 2, 3].map(idOf))
  const dropped = lines.filter(({ msg }) => msg === 'delivery given up: too many wait')
  assert.deepEqual(
    dropped.map(({ to, crashes }) => [to, crashes]),
    [['coreSight', 2]],
  )
  assert.deepEqual(counted, ['coreSight failed 2'])
})
