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
  const stored = (node = 'node-1') => new CrashGroup(store, groupOf(0)).count(node, SIGNAL)
  return { notes, file, store, sending, read, stored, totals: await read() }
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

  it('forgets before others what the store has whole', async t => {
    const { totals, sending } = await nodeIn(t)
    const owed = () => note({ group: groupOf(999), time: new Date(NOW.getTime() - 1000) })
    const many = (from: number) =>
      Array.from({ length: 99 }, (_, site) => note({ group: groupOf(from + site) }))
    await totals.count([owed(), ...many(0)], 1, NOW)
    await sendCounts(totals, sending)
    await totals.count([owed(), ...many(100)], 2, NOW)
    assert.deepEqual([totals.has(groupOf(999)), totals.has(groupOf(0))], [true, false])
    assert.equal(totals.has(groupOf(198)), true)
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
    assert.deepEqual([store.requests.get, store.requests.put], [2 * 5, 0])
    store.failure = null
    store.pass(600)
    assert.equal(await sendCounts(totals, sending), 2)
  })
})

describe('sendCounts() of a group that is new to the node', () => {
  it('goes on from what the node counted before it forgot the group, and reads that once', async t => {
    const { totals, store, sending, stored } = await nodeIn(t)
    const before = ['web-0', 'web-1', 'web-2'].map(pod => note({ pod, folder: 'shop/web-0/app/x' }))
    await totals.count(before, 1, NOW)
    await sendCounts(totals, sending)
    store.pass(31 * 24 * 3600)
    await totals.count([note({ group: groupOf(1), time: store.now })], 2, store.now)
    await totals.count([note({ time: store.now, image: 'web:2' })], 3, store.now)
    await sendCounts(totals, sending)
    const images = ['web:1', 'web:2']
    const last = store.now
    assert.deepEqual(await stored(), {
      ...{ crashes: 4, first: NOW, last, pods: 3, images, folder: 'shop/web-0/app/x' },
    })
    store.requests.get = 0
    store.pass(60)
    await totals.count([note({ time: store.now })], 4, store.now)
    assert.equal(await sendCounts(totals, sending), 1)
    assert.deepEqual([store.requests.get, (await stored())?.crashes], [0, 5])
  })

  it('goes on where the file of a node is broken, or the node was made anew', async t => {
    const { file, totals, store, sending, read, stored } = await nodeIn(t)
    await totals.count([note(), note()], 1, NOW)
    await sendCounts(totals, sending)
    writeFileSync(file, '{"version":1,"coun')
    store.pass(10)
    const anew = await read()
    await anew.count([note({ time: store.now })], 1, store.now)
    await sendCounts(anew, sending)
    assert.deepEqual([(await stored())?.crashes, (await stored())?.first], [3, NOW])
  })

  it('writes nothing before the store said what it has', async t => {
    const { totals, store, sending, stored } = await nodeIn(t)
    await totals.count([note(), note()], 1, NOW)
    await sendCounts(totals, sending)
    const { totals: anew } = await nodeIn(t)
    await anew.count([note()], 1, NOW)
    const get = store.get.bind(store)
    store.get = async () => {
      throw new Error('503')
    }
    assert.deepEqual([await sendCounts(anew, sending), store.requests.put], [0, 1])
    store.get = get
    store.pass(60)
    assert.deepEqual([await sendCounts(anew, sending), (await stored())?.crashes], [1, 3])
  })

  it('counts nothing twice that went to the store without an answer, also after a kill', async t => {
    const { totals, store, sending, read, stored } = await nodeIn(t)
    await totals.count([note(), note()], 1, NOW)
    const put = store.put.bind(store)
    let killed = totals
    store.put = async (key, body) => {
      await put(key, body)
      killed = await read()
      throw new Error('no answer')
    }
    assert.equal(await sendCounts(totals, sending), 0)
    store.put = put
    for (const restarted of [killed, await read()]) {
      store.pass(60)
      assert.deepEqual([await sendCounts(restarted, sending), (await stored())?.crashes], [1, 2])
    }
  })

  it('leaves to the old name of a node what went there, and goes on where it has that again', async t => {
    const { totals, store, sending, stored } = await nodeIn(t)
    const crashes = async () => [(await stored())?.crashes, (await stored('node-2'))?.crashes]
    const next = async (node: string, count: number) => {
      store.pass(600)
      await totals.count(
        Array.from({ length: count }, () => note({ time: store.now })),
        1,
        store.now,
      )
      await sendCounts(totals, { ...sending, node })
      return await crashes()
    }
    assert.deepEqual(await next('node-1', 36), [36, undefined])
    assert.deepEqual(await next('node-2', 4), [36, 4])
    assert.deepEqual(await next('node-1', 2), [38, 4])
    assert.deepEqual(await next('node-2', 1), [38, 5])
  })

  it('believes no store that its count is one that nobody reads, cannot grow, or came in the future', async t => {
    const { totals, store, sending, stored } = await nodeIn(t)
    const lie = { crashes: 2 ** 40, first: NOW, last: '9999-01-01T00:00:00Z', pods: 2 ** 40 }
    const images = ['a', 'b', 'c', 'd', 'e'].map(image => image.padEnd(500, '\xff'))
    const text = JSON.stringify({ version: 1, ...lie, images, folder: '\xff'.repeat(1000) })
    // Of each byte that is no UTF-8 three would be made.
    await store.put(`${groupOf(0)}/seen/node-1`, [Buffer.from(text, 'latin1')])
    await totals.count([note()], 1, NOW)
    for (const crashes of [2 ** 39 + 1, 2 ** 39 + 2]) {
      assert.equal(await sendCounts(totals, sending), 1)
      assert.deepEqual([(await stored())?.crashes, (await stored())?.last], [crashes, store.now])
      store.pass(60)
      await totals.count([note({ time: store.now })], 2, store.now)
    }
  })
})
