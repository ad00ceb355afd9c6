import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeTold } from '../../../groups/told-record.ts'
import { defaultMessage } from '../../../notify/message.ts'
import type { TimedStore } from '../../groups/timed-store.ts'
import { REPORT } from '../../notify/sample-notification.ts'
import { BEGAN, GROUP, grownGroup, ID, OWN_CORE, toldGroup } from './told-group.ts'

describe('GroupNotifier', () => {
  it('tells what came since, on how many nodes, as often as people can bear', async () => {
    const { told, at, count } = await toldGroup()
    for (let minute = 0; minute <= 24 * 60; minute += 1) {
      await at(minute)
      await count('node-1', minute + 1)
      await count('node-2', 10 * minute + 1)
    }
    await at(24 * 60)
    assert.deepEqual(
      told.map(({ update }) => [update?.crashes, update?.nodes, update?.pods, update?.isOver]),
      [5, 15, 60, 360, 1440].map(minute => [11 * (minute - 1) + 1, 2, 4, false]),
    )
    assert.equal(told[0]?.update?.since, BEGAN.toISOString())
  })

  it('says once that it is over, and then the next crash is news', async () => {
    const { store, told, at, count } = await toldGroup()
    await count('node-1', 1)
    await at(4)
    await count('node-1', 3)
    await at(5)
    await at(64)
    assert.equal(told.length, 1)
    await at(65)
    assert.deepEqual(
      told.map(({ update }) => [update?.crashes, update?.isOver]),
      [
        [2, false],
        [2, true],
      ],
    )
    const left = [...store.objects.keys()].filter(key => key.startsWith(GROUP))
    assert.deepEqual(left, [`${GROUP}/seen/node-1`, `${GROUP}/summary.json`])
    assert.deepEqual([await at(500), told.length], [left.length, 2])
  })

  it('tells nothing more of a crash that stays alone', async () => {
    const { store, told, at, count } = await toldGroup()
    await count('node-1', 1)
    for (const minutes of [1, 5, 6, 15, 60, 61]) await at(minutes)
    assert.deepEqual([told.length, store.objects.has(`${GROUP}/told/0`)], [0, false])
  })

  it('reads what nodes count only where something is to be told', async () => {
    const { store, at, count } = await toldGroup()
    await at(1)
    await count('node-1', 1)
    await at(5)
    const { get, list } = store.requests
    for (let minute = 6; minute < 15; minute += 1) await at(minute)
    assert.deepEqual([store.requests.get, store.requests.list], [get, list + 9])
  })

  it('is silent while the group is muted, and tells all of it afterwards', async () => {
    const { group, told, at, count } = await toldGroup()
    await group.mute({ until: new Date(BEGAN.getTime() + 10 * 60_000) })
    await at(4)
    await count('node-1', 7)
    await at(5)
    assert.equal(told.length, 0)
    await at(11)
    assert.deepEqual(
      told.map(({ update }) => update?.crashes),
      [6],
    )
  })

  it('leaves a message to who claimed it, and waits for one of the same crash', async () => {
    const { group, told, busy, signal, at } = await grownGroup()
    busy.add(ID)
    await at(5)
    busy.clear()
    await group.claim(1, { id: ID, node: 'node-2', time: BEGAN, crashes: 7 }, signal)
    await at(6)
    assert.equal(told.length, 0)
  })

  it('tells at the next round what it claimed without hearing so, or could not write down', async () => {
    const { store, told, at, failing } = await grownGroup()
    await losingAnswers(store, () => at(5))
    assert.equal(told.length, 0)
    await at(6)
    failing.add(ID)
    await at(66)
    assert.equal(told.length, 1)
    failing.clear()
    await at(67)
    await at(68)
    assert.deepEqual(
      told.map(({ update }) => [update?.crashes, update?.isOver]),
      [
        [6, false],
        [6, true],
      ],
    )
  })

  it('tells what it claimed without hearing so once no other one is told of the same crash', async () => {
    const { store, told, busy, at } = await grownGroup()
    await losingAnswers(store, () => at(5))
    busy.add(ID)
    await at(6)
    assert.equal(told.length, 0)
    busy.clear()
    await at(7)
    await at(8)
    assert.equal(told.length, 1)
  })

  it('claims no more while a hundred claims were not heard of, and goes on when their groups are gone', async () => {
    const { store, told, at } = await grownGroup()
    const ofGroup = [...store.objects].filter(([key]) => key.startsWith(GROUP))
    for (let number = 100; number < 200; number += 1)
      for (const [key, object] of ofGroup) store.objects.set(key.replace(GROUP, otherGroup(number)), object)
    const claimed = await losingAnswers(store, () => at(5))
    assert.deepEqual([claimed.length, claimed.some(key => key.startsWith(GROUP))], [100, false])
    for (const key of store.objects.keys()) if (key.includes('/Deployment.b/')) store.objects.delete(key)
    await at(6)
    await at(7)
    assert.deepEqual([told.length, told[0]?.update?.crashes], [1, 6])
  })

  it('says that it is over also where one of the same crash was being told', async () => {
    const { told, busy, at } = await grownGroup()
    await at(5)
    busy.add(ID)
    await at(66)
    busy.clear()
    await at(67)
    await at(68)
    assert.deepEqual(
      told.map(({ update }) => update?.isOver),
      [false, true],
    )
  })

  it('leaves to another one what that claimed, and nobody said so', async () => {
    const { store, told, at } = await grownGroup()
    const theirs = encodeTold({ id: ID, node: 'node-2', time: BEGAN, crashes: 7 })
    await losingAnswers(store, () => at(5), Buffer.from(theirs))
    await at(6)
    assert.equal(told.length, 0)
  })

  it('tells a namespace nothing of a crash of another one, which whoever may write to the store can name', async () => {
    const { store, group, told, at } = await toldGroup()
    const folder = `bank/ledger-0/app/20261121T040300Z-ledger-7-${'b'.repeat(12)}`
    await store.put(`${folder}/report.json`, [Buffer.from(JSON.stringify({ ...REPORT, id: 'b'.repeat(12) }))])
    const last = new Date(BEGAN.getTime() + 4 * 60_000)
    await at(4)
    await group.putCount('node-1', { crashes: 7, first: BEGAN, last, pods: 1, images: [], folder })
    await at(5)
    assert.deepEqual(told, [])
  })

  it('lets a group of which no crash has a report rest until a node counts anew, and logs it once', async () => {
    const { store, told, logged, at, count } = await toldGroup()
    const reports = [...store.objects].filter(([key]) => key.endsWith('/report.json'))
    for (const [key] of reports) store.objects.delete(key)
    await at(4)
    await count('node-1', 7)
    await at(5)
    const { get, put, list } = store.requests
    for (let minute = 6; minute < 20; minute += 1) await at(minute)
    assert.deepEqual([store.requests.get, store.requests.put, store.requests.list], [get, put, list + 14])
    await count('node-1', 8)
    await at(21)
    assert.deepEqual(logged, ['group not told of: none of its crashes has a report'])
    for (const [key, object] of reports) store.objects.set(key, object)
    await count('node-1', 9)
    await at(22)
    assert.deepEqual(
      told.map(({ update }) => update?.crashes),
      [8],
    )
  })

  it('names the core that was kept, and none of another namespace, whatever a report says', async () => {
    const foreign = `x/bank/ledger-0/app/20261121T040300Z-ledger-7-${'b'.repeat(12)}/core.gz`
    const kept = { key: foreign, url: `memory://${foreign.slice(2)}` }
    const { key, url } = OWN_CORE
    for (const [core, shown] of [
      [OWN_CORE, { kept: { key, url } }],
      [{ complete: false, kept: { key, url } }, { kept: { key, url } }],
      [{ complete: false, kept }, undefined],
      [{ ...kept, complete: true }, undefined],
    ] as const) {
      const { told, at } = await grownGroup({ core })
      await at(5)
      assert.deepEqual(
        told.map(({ report }) => report.core),
        [shown],
      )
    }
  })

  it('goes on with the other groups where one cannot be read', async () => {
    const { store, told, at, count } = await toldGroup()
    await store.put(`_groups/prod/a/b/${'1'.repeat(32)}/told/0`, [Buffer.from('what?')])
    await at(4)
    await store.put(`_groups/prod/a/b/${'1'.repeat(32)}/seen/node-1`, [Buffer.from('{}')])
    await count('node-1', 2)
    await at(5)
    assert.equal(told.length, 1)
  })

  it('is a message that says what it is', async () => {
    const { told, at, count } = await toldGroup()
    await at(4)
    await count('node-1', 40)
    await at(5)
    await at(66)
    const messages = told.flatMap(one =>
      (['en', 'zh'] as const).map(language => defaultMessage(one, language)),
    )
    assert.deepEqual(
      messages.map(({ title, lines, tone }) => [title.split(' in ')[0]?.split('：')[0], lines[0], tone]),
      [
        [
          '39 more crashes: SIGSEGV',
          '39 more crashes since 04:00 UTC, on 1 node, in 2 pods, of web:1',
          'orange',
        ],
        [
          '又发生 39 次 SIGSEGV 崩溃',
          '自今天 04:00 UTC 起又发生 39 次，涉及 1 个节点、2 个 Pod，镜像 web:1',
          'orange',
        ],
        [
          'Quiet for an hour: SIGSEGV',
          '39 more crashes since 04:00 UTC, on 1 node, in 2 pods, of web:1; none for an hour now',
          'blue',
        ],
        [
          '一小时内没有再发生',
          '自今天 04:00 UTC 起又发生 39 次，涉及 1 个节点、2 个 Pod，镜像 web:1；最近一小时没有再发生',
          'blue',
        ],
      ],
    )
  })
})

function otherGroup(number: number): string {
  return `_groups/prod/shop/Deployment.b/${String(number).padStart(32, '0')}`
}

/** Meanwhile who claims something has it, or `theirs` is there, and nobody hears of it. Resolves with the keys. */
async function losingAnswers(
  store: TimedStore,
  work: () => Promise<unknown>,
  theirs?: Uint8Array,
): Promise<readonly string[]> {
  const keys: string[] = []
  const putIfNew = store.putIfNew.bind(store)
  store.putIfNew = async (key, body) => {
    keys.push(key)
    await putIfNew(key, theirs ?? body)
    throw new Error('no answer')
  }
  await work()
  store.putIfNew = putIfNew
  return keys
}
