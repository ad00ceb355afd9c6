import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Respite } from '../../../installer/outbox/respite.ts'
import type { Verdict } from '../../../notify/verdict.ts'

const AWAY: Verdict = { kind: 'retry', reason: 'away', hint: '', afterSeconds: 0 }

/** What each of `verdicts` is asked at, in seconds, and how often somebody was asked. */
async function asked(verdicts: readonly (readonly [number, Verdict])[]) {
  let seconds = 0
  let times = 0
  const respite = new Respite(() => seconds * 1000)
  const said: (readonly [string, number])[] = []
  for (const [at, verdict] of verdicts) {
    seconds = at
    const answer = await respite.after(async () => {
      times += 1
      return verdict
    })
    said.push([answer.kind, answer.kind === 'retry' ? answer.afterSeconds : 0])
  }
  return { said, times }
}

it('Respite asks nobody for half a minute who did not answer, and then again', async () => {
  const { said, times } = await asked([
    [0, AWAY],
    [1, { kind: 'ok' }],
    [29, { kind: 'ok' }],
    [30, { kind: 'ok' }],
    [31, { kind: 'ok' }],
  ])
  assert.deepEqual(said, [
    ['retry', 0],
    ['retry', 29],
    ['retry', 1],
    ['ok', 0],
    ['ok', 0],
  ])
  assert.equal(times, 3)
})

it('Respite waits as long as it was asked to, and no longer than an entry rests', async () => {
  const after = (afterSeconds: number) => ({ ...AWAY, afterSeconds })
  const { said } = await asked([
    [0, after(120)],
    [119, { kind: 'ok' }],
    [120, after(1e9)],
    [719, { kind: 'ok' }],
    [720, { kind: 'ok' }],
  ])
  assert.deepEqual(
    said.map(([kind]) => kind),
    ['retry', 'retry', 'retry', 'retry', 'ok'],
  )
})

it('Respite does not take a refusal of one crash for that of the next', async () => {
  const refused: Verdict = { kind: 'failed', reason: '', hint: '' }
  assert.equal(
    (
      await asked([
        [0, refused],
        [0, { kind: 'ok' }],
      ])
    ).times,
    2,
  )
})

it('Respite asks at once again who only stumbled over one crash', async () => {
  const { said, times } = await asked([
    [0, { ...AWAY, isOfOne: true } as Verdict],
    [1, { kind: 'ok' }],
  ])
  assert.deepEqual([said.at(-1), times], [['ok', 0], 2])
})
