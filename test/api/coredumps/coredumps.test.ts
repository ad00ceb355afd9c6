import assert from 'node:assert/strict'
import { it } from 'node:test'
import pino from 'pino'
import { Coredumps } from '../../../api/coredumps/coredumps.ts'
import { crashAt, crashes } from './crashes.ts'
import { StoredCrashes } from './stored-crashes.ts'

const CRASH = crashAt('2026-11-21T04:21:17Z')
const user = { name: 'ann', groups: [], extra: {} }
const asker = { user, signal: new AbortController().signal }

function coredumpsOf(store: StoredCrashes, bounds = {}, lines: object[] = []) {
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return new Coredumps({ store, log }, bounds)
}

it('a report is read once, and once for all who ask meanwhile', async () => {
  const store = new StoredCrashes()
  await store.keep(CRASH, { crash: { reasonCode: 'NullPointer' } })
  const coredumps = coredumpsOf(store)
  const all = await Promise.all(Array.from({ length: 100 }, () => coredumps.of(CRASH, asker)))
  assert.deepEqual(new Set(all.map(({ status }) => status.reasonCode)), new Set(['NullPointer']))
  await coredumps.of(CRASH, asker)
  assert.deepEqual(store.asked, ['get'])
})

it('a report that was not there is asked for again', async () => {
  const store = new StoredCrashes()
  await store.keep(CRASH, null)
  const coredumps = coredumpsOf(store)
  assert.equal((await coredumps.of(CRASH, asker)).status.phase, undefined)
  await store.keep(CRASH, { crash: { reasonCode: 'NullPointer' } })
  assert.equal((await coredumps.of(CRASH, asker)).status.reasonCode, 'NullPointer')
})

it('where reports cannot be read the names are told, and one line says so', async () => {
  const store = new StoredCrashes()
  store.isAway = true
  const lines: object[] = []
  const coredumps = coredumpsOf(store, {}, lines)
  for (const entry of crashes(5)) assert.equal((await coredumps.of(entry, asker)).spec.id, entry.id)
  assert.equal(lines.length, 1)
})

it('as many reports are read at once as may be', async () => {
  const store = new StoredCrashes()
  const entries = crashes(50)
  for (const entry of entries) await store.keep(entry)
  const coredumps = coredumpsOf(store, { mostReads: 4 })
  await Promise.all(entries.map(entry => coredumps.of(entry, asker)))
  assert.equal(store.mostReading, 4)
})

it('what was asked for last is kept, up to so many bytes', async () => {
  const store = new StoredCrashes()
  const entries = crashes(50)
  for (const entry of entries) await store.keep(entry)
  const coredumps = coredumpsOf(store, { mostBytes: 30_000 })
  for (const entry of entries) {
    await coredumps.of(entries[0]!, asker)
    await coredumps.of(entry, asker)
    assert.ok(coredumps.keptBytes <= 30_000)
  }
  store.asked.length = 0
  await coredumps.of(entries[0]!, asker)
  assert.deepEqual(store.asked, [])
  await coredumps.of(entries[1]!, asker)
  assert.deepEqual(store.asked, ['get'])
})

it('who went asks for nothing more', async () => {
  const store = new StoredCrashes()
  const coredumps = coredumpsOf(store, { mostReads: 1 })
  const gone = new AbortController()
  const asked = crashes(20).map(entry => coredumps.of(entry, { user, signal: gone.signal }))
  gone.abort(new Error('gone'))
  const outcomes = await Promise.allSettled(asked)
  assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 19)
  assert.equal(store.asked.length, 1)
})
