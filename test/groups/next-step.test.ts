import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { groupsAmong } from '../../groups/listed-group.ts'
import { nextStep } from '../../groups/next-step.ts'
import { updateDue } from '../../groups/update-schedule.ts'
import { all } from '../storage/bodies.ts'
import { TimedStore } from './timed-store.ts'

const BEGAN = new Date('2026-11-21T04:00:00Z')
const FOLDER = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
const OTHER = `_groups/prod/shop/Deployment.web/${'1'.repeat(32)}`

function after(minutes: number): Date {
  return new Date(BEGAN.getTime() + minutes * 60_000)
}

const group = (
  told: readonly (readonly [number, number])[],
  seenMinutes: number,
  quietAt: Date | null = null,
) => ({
  folder: FOLDER,
  seen: new Map([
    ['node-1', after(0)],
    ['node-2', after(seenMinutes)],
  ]),
  told: new Map(told.map(([update, minutes]) => [update, after(minutes)])),
  ...{ quietAt, hasMute: false, summaryAt: null },
})

describe('nextStep()', () => {
  it('tells after five minutes, a quarter of an hour, an hour, six, and then each day', () => {
    const due = [0, 4.9, 5, 14, 15, 59, 60, 359, 360, 1439, 1440, 2879, 2880].map(minutes =>
      updateDue(minutes * 60),
    )
    assert.deepEqual(due, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6])
  })

  it('tells of what came since the last message, and of nothing else', () => {
    const first = [[0, 0]] as const
    assert.deepEqual(nextStep(group(first, 3), after(4)), { do: 'nothing' })
    assert.deepEqual(nextStep(group(first, 3), after(5)), { do: 'update', update: 1, after: 0 })
    assert.deepEqual(nextStep(group(first, 0), after(5)), { do: 'nothing' })
    assert.deepEqual(nextStep(group([...first, [1, 5]], 14), after(14)), { do: 'nothing' })
    assert.deepEqual(nextStep(group([...first, [1, 5]], 14), after(70)), {
      do: 'update',
      update: 3,
      after: 1,
    })
  })

  it('ends what was quiet for an hour, and forgets what people were told is over', () => {
    assert.deepEqual(nextStep(group([[0, 0]], 10), after(69)), { do: 'update', update: 3, after: 0 })
    assert.deepEqual(nextStep(group([[0, 0]], 10), after(70)), { do: 'end', after: 0 })
    assert.deepEqual(
      nextStep(
        group(
          [
            [0, 0],
            [1, 20],
          ],
          10,
        ),
        after(79),
      ),
      { do: 'nothing' },
    )
    assert.deepEqual(
      nextStep(
        group(
          [
            [0, 0],
            [1, 20],
          ],
          10,
        ),
        after(80),
      ),
      { do: 'end', after: 1 },
    )
    assert.deepEqual(nextStep(group([[0, 0]], 10, after(80)), after(81)), { do: 'forget' })
  })

  it('leaves what nobody has told of to the nodes of its crashes', () => {
    assert.deepEqual(nextStep(group([], 0), after(600)), { do: 'nothing' })
  })
})

it('groupsAmong() finds what there is of each group among all keys', async () => {
  const store = new TimedStore(BEGAN)
  const names = [
    'seen/node-1',
    'seen/node-2',
    'told/0',
    'told/12',
    'told/x',
    'muted',
    'summary.json',
    'kept/5-1',
  ]
  for (const name of names) await store.put(`${FOLDER}/${name}`, [])
  store.pass(60)
  await store.put(`${OTHER}/told/quiet`, [])
  const [one, other, ...more] = await all(groupsAmong(store.list('_groups/prod/')))
  assert.deepEqual(
    [one?.folder, [...(one?.seen.keys() ?? [])], [...(one?.told.keys() ?? [])], one?.hasMute, one?.quietAt],
    [FOLDER, ['node-1', 'node-2'], [0, 12], true, null],
  )
  assert.deepEqual([other?.folder, other?.told.size, other?.quietAt], [OTHER, 0, after(1)])
  assert.equal(more.length, 0)
})
