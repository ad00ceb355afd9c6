import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { newCrashId } from '../../../crash/object-key.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import type { GroupNote } from '../../../handoff/group-note.ts'
import { GroupNotes } from '../../../handoff/group-notes.ts'
import { countNotes } from '../../../installer/groups/count-notes.ts'
import { GroupTotals } from '../../../installer/groups/group-totals.ts'
import { sendCounts } from '../../../installer/groups/send-counts.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { TimedStore } from '../../groups/timed-store.ts'

const NOW = new Date('2026-11-21T04:30:00Z')
const LOG = pino({ level: 'silent' })
const SIGNAL = new AbortController().signal

function groupOf(site: number, namespace = 'shop'): string {
  return `_groups/prod/${namespace}/Deployment.web/${String(site).padStart(32, '0')}`
}

function note(change: Partial<GroupNote> = {}): GroupNote {
  return { group: groupOf(0), id: newCrashId(), time: NOW, pod: 'web-0', image: 'web:1', ...change }
}

async function nodeIn(t: TestContext) {
  const folder = temporaryFolder(t)
  const notes = new GroupNotes(folder)
  const file = path.join(folder, 'totals.json')
  const store = new TimedStore(NOW)
  const sending = { store, node: 'node-1', now: () => store.now, random: () => 0.5, log: LOG }
  const read = () => GroupTotals.read(file)
  return { notes, file, store, sending, read, totals: await read() }
}

describe('countNotes()', () => {
  it('counts what handlers noted, a round later', async t => {
    const { notes, totals, read } = await nodeIn(t)
    await notes.add(note())
    await notes.add(note({ pod: 'web-1', image: 'web:2', folder: 'shop/web-1/app/x' }))
    await countNotes(notes, totals, NOW)
    assert.equal(totals.get(groupOf(0)), null)
    await countNotes(notes, totals, NOW)
    const { crashes, podNames, images, folder } = totals.get(groupOf(0)) ?? assert.fail()
    assert.deepEqual(
      [crashes, podNames, images, folder],
      [2, ['web-0', 'web-1'], ['web:1', 'web:2'], 'shop/web-1/app/x'],
    )
    assert.deepEqual((await read()).get(groupOf(0)), totals.get(groupOf(0)))
    assert.deepEqual(await notes.taken(), [])
  })

  it('counts nothing twice where a kill came before the notes were forgotten', async t => {
    const { notes, read, totals } = await nodeIn(t)
    await notes.add(note())
    await notes.take(1)
    await totals.count(await notes.read(1), 1, NOW)
    const afterKill = await read()
    await countNotes(notes, afterKill, NOW)
    assert.deepEqual([afterKill.get(groupOf(0))?.crashes, await notes.taken()], [1, []])
  })
})

describe('GroupTotals', () => {
  it('counts a crash once, by whoever it is noted and however often, also after a restart', async t => {
    const { totals, read } = await nodeIn(t)
    const many = Array.from({ length: 5000 }, () => note())
    await totals.count([...many, many[0]!], 1, NOW)
    const restarted = await read()
    await restarted.count([many.at(-1)!, note()], 2, NOW)
    assert.equal(restarted.get(groupOf(0))?.crashes, 5001)
  })

  it('gives a tenant no room of others', async t => {
    const { totals } = await nodeIn(t)
    const time = new Date(NOW.getTime() - 1000)
    const many = Array.from({ length: 150 }, (_, site) => note({ group: groupOf(site, 'noisy') }))
    await totals.count([note({ time }), ...many], 1, NOW)
    assert.equal(totals.has(groupOf(0)), true)
    assert.equal(totals.due(NOW).length, 101)
  })

  it('forgets a group that was quiet for a month', async t => {
    const { totals } = await nodeIn(t)
    await totals.count([note()], 1, NOW)
    const later = new Date(NOW.getTime() + 31 * 24 * 3600 * 1000)
    await totals.count([note({ group: groupOf(1), time: later })], 2, later)
    assert.deepEqual([totals.has(groupOf(0)), totals.has(groupOf(1))], [false, true])
  })

  it('believes nothing of a file of another release, and changes nothing', async t => {
    const { file, read } = await nodeIn(t)
    writeFileSync(file, '{"version":2}')
    await assert.rejects(read(), /another version/)
    writeFileSync(file, '{"version":1,"counted":7,"groups":{"x":{"crashes":"many"}}}')
    assert.deepEqual([(await read()).counted, (await read()).has('x')], [7, false])
  })
})

describe('sendCounts()', () => {
  it('tells the store at once, then after half a minute, and ever less often', async t => {
    const { totals, store, sending } = await nodeIn(t)
    const sentAt: number[] = []
    for (let second = 0; second <= 3600; second += 10) {
      store.now = new Date(NOW.getTime() + second * 1000)
      await totals.count([note({ time: store.now })], second, store.now)
      if ((await sendCounts(totals, sending)) > 0) sentAt.push(second)
    }
    assert.deepEqual(sentAt.slice(0, 6), [0, 30, 90, 210, 450, 930])
    assert.deepEqual(sentAt.slice(6), [1530, 2130, 2730, 3330])
    const [count] = await new CrashGroup(store, groupOf(0)).counts(['node-1'], SIGNAL)
    assert.deepEqual([count?.crashes, count?.pods], [334, 1])
  })

  it('has nothing to tell where nothing came', async t => {
    const { totals, store, sending } = await nodeIn(t)
    await totals.count([note()], 1, NOW)
    await sendCounts(totals, sending)
    store.pass(3600)
    assert.deepEqual([await sendCounts(totals, sending), store.requests.put], [0, 1])
  })

  it('has it due again where the store does not take it, ever less often', async t => {
    const { totals, store, sending } = await nodeIn(t)
    await totals.count([note(), note({ group: groupOf(1) })], 1, NOW)
    store.failure = new Error('503')
    for (let second = 0; second < 600; second += 10) {
      assert.equal(await sendCounts(totals, sending), 0)
      store.pass(10)
    }
    // At once, and after half a minute, one, two, four: of two groups.
    assert.equal(store.requests.put, 2 * 5)
    store.failure = null
    store.pass(600)
    assert.equal(await sendCounts(totals, sending), 2)
  })
})
