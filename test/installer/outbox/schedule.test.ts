import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { crashOf, type PostmanState, schedule } from '../../../installer/outbox/schedule.ts'
import type { Target } from '../../../notify/target.ts'
import { OK } from '../../../notify/verdict.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'

const NOW_MS = Date.parse('2026-11-21T06:00:00.000Z')
const NOW = new Date(NOW_MS)
const CHAT: Target = `channel:${'0a'.repeat(16)}`

/** An outbox in which nothing is under way. Channels hear of many at once; CoreSight does not. */
const idle: PostmanState = {
  busy: new Set(),
  told: new Set(),
  isTelling: false,
  destinationOf: target => ({
    target,
    name: target,
    kind: target === CHAT ? 'channel' : 'coreSight',
    deliver: async () => OK,
    ...(target === CHAT && { together: { hears: () => true, deliver: async () => OK } }),
  }),
}

function at(seconds: number): string {
  return new Date(NOW_MS + seconds * 1000).toISOString()
}

function idOf(number: number): string {
  return number.toString(16).padStart(12, '0')
}

/** Of a crash `number` seconds ago. */
function entry(number: number, overrides: Partial<OutboxEntry> = {}): OutboxEntry {
  const notice = sampleNotification({ report: { ...REPORT, id: idOf(number) } })
  return { notice, pending: [CHAT], notBefore: null, attempts: 0, firstAt: at(-number), ...overrides }
}

/** `count` crashes, the last one ten seconds ago: a burst that is over. */
function burst(count: number, overrides: Partial<OutboxEntry> = {}): readonly OutboxEntry[] {
  return Array.from({ length: count }, (_, at) => entry(10 + at, overrides))
}

const cases: readonly {
  name: string
  entries: readonly OutboxEntry[]
  state?: Partial<PostmanState>
  singles?: readonly number[]
  batch?: readonly number[]
  held?: readonly Target[]
}[] = [
  { name: 'nothing', entries: [] },
  { name: 'a few, the oldest first', entries: [entry(1), entry(3), entry(2)], singles: [3, 2, 1] },
  {
    name: 'what was not tried yet before what is older and was',
    entries: [entry(3, { attempts: 1 }), entry(1), entry(2)],
    singles: [2, 1, 3],
  },
  { name: 'one whose handler is at it', entries: [entry(1, { notBefore: at(60) })] },
  { name: 'one that rests', entries: [entry(1, { notBefore: at(60), attempts: 1 })] },
  {
    name: 'one that is busy',
    entries: [entry(1), entry(2)],
    state: { busy: new Set([idOf(1)]) },
    singles: [2],
  },
  { name: 'a burst that is over', entries: burst(6), held: [CHAT], batch: [15, 14, 13, 12, 11, 10] },
  { name: 'a burst that goes on', entries: [...burst(6), entry(1)], held: [CHAT] },
  {
    name: 'five and one that is busy: no burst',
    entries: burst(6),
    state: { busy: new Set([idOf(10)]) },
    singles: [15, 14, 13, 12, 11],
  },
  {
    name: 'five that rest and a new one: a burst that waits for the chat',
    entries: [...burst(5, { notBefore: at(60), attempts: 1 }), entry(6)],
    held: [CHAT],
  },
  {
    name: 'a burst while one is told of',
    entries: burst(6),
    state: { told: new Set([CHAT]), isTelling: true },
    held: [CHAT],
  },
  {
    name: 'one that came while a burst was told of',
    entries: [entry(1)],
    state: { told: new Set([CHAT]) },
    held: [CHAT],
  },
  {
    name: 'a burst of which CoreSight is to hear as well, one by one',
    entries: [...burst(6), entry(1, { pending: [CHAT, 'coreSight'] })],
    held: [CHAT],
    singles: [1],
  },
  {
    name: 'one that is too old, in a burst',
    entries: [...burst(6), entry(8 * 24 * 3600)],
    held: [CHAT],
    batch: [15, 14, 13, 12, 11, 10],
    singles: [8 * 24 * 3600],
  },
]

for (const { name, entries, state, singles = [], batch, held = [] } of cases) {
  it(`schedule() for ${name}`, () => {
    const next = schedule({ ...idle, ...state }, entries, NOW)
    assert.deepEqual([...next.held], held)
    assert.deepEqual(next.singles, singles.map(idOf))
    assert.deepEqual(next.batches.get(CHAT)?.map(crashOf), batch?.map(idOf))
  })
}
