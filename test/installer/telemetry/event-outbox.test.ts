import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { EventOutbox } from '../../../installer/telemetry/event-outbox.ts'
import { type KubeEvent, nodeEvent } from '../../../installer/telemetry/events.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../log-lines.ts'

const HOUR_MS = 3600 * 1000

function eventAt(hoursAgo: number, note = 'what to do'): KubeEvent {
  const time = new Date(Date.now() - hoursAgo * HOUR_MS).toISOString()
  return nodeEvent('node-1', 'CoreDumpDropped', note, 'Warning', time)
}

function outboxIn(t: TestContext, state = temporaryFolder(t)) {
  const { log, lines } = openLogLines()
  const folder = path.join(state, 'events')
  const outbox = new EventOutbox(folder, log)
  const delivered = async () => {
    const notes: string[] = []
    await outbox.deliver(async ({ note }) => {
      notes.push(note)
      return 'settled'
    })
    return notes
  }
  return { outbox, folder, lines, delivered }
}

it('deliver() hands on whole Events, the oldest first, once', async t => {
  const { outbox, delivered, folder } = outboxIn(t)
  const [old, young] = [eventAt(2, 'old'), eventAt(1, 'young')]
  for (const event of [young, old, young]) await outbox.add(event)
  const seen: KubeEvent[] = []
  assert.equal(await outbox.deliver(async event => (seen.push(event) === 1 ? 'settled' : 'away')), false)
  assert.deepEqual(seen, [old, young])
  assert.deepEqual([await delivered(), readdirSync(folder)], [['young'], []])
})

it('deliver() forgets what is older than a day, and what is no Event', async t => {
  const { outbox, folder, delivered } = outboxIn(t)
  await outbox.add(eventAt(25, 'too old'))
  const file = (name: string) => path.join(folder, `${Date.now()}-${name.repeat(16)}.json`)
  writeFileSync(file('a'), 'nonsense')
  writeFileSync(
    file('b'),
    JSON.stringify({ ...eventAt(0), metadata: { namespace: '../kube-system', name: 'x' } }),
  )
  writeFileSync(file('c'), JSON.stringify({ ...eventAt(0), pad: 'x'.repeat(20_000) }))
  assert.deepEqual([await delivered(), readdirSync(folder)], [[], []])
})

it('add() takes a thousand Events, and says of the next that it is left out', async t => {
  const { outbox, folder, lines } = outboxIn(t)
  mkdirSync(folder)
  for (let number = 0; number < 1000; number += 1)
    writeFileSync(path.join(folder, `${Date.now()}-${number.toString(16).padStart(16, '0')}.json`), '')
  await outbox.add(eventAt(0))
  assert.deepEqual(
    [lines.map(({ msg, reason }) => [msg, reason]), readdirSync(folder).length],
    [[['event left out', 'too many wait']], 1000],
  )
})

it('add() makes no state folder on a node that was left', async t => {
  const state = path.join(temporaryFolder(t), 'gone')
  const { outbox, lines } = outboxIn(t, state)
  await outbox.add(eventAt(0))
  assert.deepEqual([existsSync(state), lines[0]?.msg], [false, 'event left out'])
})

it('tidy() removes what a kill left half written, and nothing else', async t => {
  const { outbox, folder, delivered } = outboxIn(t)
  await outbox.add(eventAt(1))
  writeFileSync(path.join(folder, '.coredog-0123.new'), '{"kind":"Ev')
  await outbox.tidy()
  assert.equal(readdirSync(folder).length, 1)
  assert.deepEqual(await delivered(), ['what to do'])
})
