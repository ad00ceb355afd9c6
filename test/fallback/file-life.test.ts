import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { advance, type FileLife, type Happening, LIFE, type State } from '../../fallback/file-life.ts'
import { inputs } from '../inputs.ts'

const NOW_MS = 1_000_000
const fraction = { min: 0, max: 1, noNaN: true }
const states = Object.keys(LIFE) as State[]
const rows = states.flatMap(from =>
  Object.entries(LIFE[from]).map(([happening, step]) => ({ from, happening, ...step })),
)

it('LIFE is this table, and no more', () => {
  assert.deepEqual(
    rows.map(({ from, happening, to, due = '-', attempt = '-' }) =>
      [from, happening, to, due, attempt].join(' '),
    ),
    [
      'unseen whole whole now -',
      'unseen short short rested -',
      'unseen foreign foreign - -',
      'unseen failed failed retry failed',
      'whole due queued - -',
      'short due queued - -',
      'failed due queued - -',
      'queued begun taking - begin',
      'queued changed unseen - -',
      'queued failed failed retry failed',
      'queued stopped unseen - -',
      'taking stored stored - delete',
      'taking suppressed stored - delete',
      'taking skipped skipped - delete',
      'taking refused refused - delete',
      'taking changed unseen - delete',
      'taking failed failed retry failed',
      'taking stopped unseen - forgive',
      'stored removed unseen - -',
    ],
  )
})

it('no file is removed that a handler did not call dealt with', () => {
  assert.deepEqual(
    rows.filter(({ happening }) => happening === 'removed').map(({ from }) => from),
    ['stored'],
  )
  const stored = rows.filter(({ to }) => to === 'stored').map(({ from, happening }) => [from, happening])
  assert.deepEqual(stored, [
    ['taking', 'stored'],
    ['taking', 'suppressed'],
  ])
})

it('no file is given up: whatever happens, one that waits to be taken has a time', () => {
  const happenings = [...new Set(rows.map(({ happening }) => happening))] as Happening[]
  const anyLife = fc.array(fc.tuple(fc.constantFrom(...happenings), fc.nat(3_600_000), fc.float(fraction)))
  fc.assert(
    fc.property(anyLife, steps => {
      let life: FileLife = { state: 'unseen', dueMs: null, failures: 0 }
      let nowMs = NOW_MS
      for (const [happening, laterMs, random] of steps) {
        nowMs += laterMs
        life = after(life, happening, nowMs, random)
        assert.equal(life.dueMs !== null, ['whole', 'short', 'failed'].includes(life.state))
      }
    }),
    inputs(),
  )
})

it('advance() looks at once at a whole one, and at a short one when it has rested', () => {
  const unseen: FileLife = { state: 'unseen', dueMs: null, failures: 0 }
  assert.equal(after(unseen, 'whole').dueMs, NOW_MS)
  assert.equal(after(unseen, 'short').dueMs, NOW_MS + 60_000)
  assert.equal(after(unseen, 'foreign').dueMs, null)
})

it('advance() keeps what is known of attempts before a restart', () => {
  const unseen: FileLife = { state: 'unseen', dueMs: NOW_MS + 90_000, failures: 3 }
  assert.deepEqual(after(unseen, 'whole'), { state: 'whole', dueMs: NOW_MS + 90_000, failures: 3 })
  assert.deepEqual(after(unseen, 'short'), { state: 'short', dueMs: NOW_MS + 90_000, failures: 3 })
})

it('advance() waits longer with each failure, and not always as long', () => {
  let life: FileLife = { state: 'unseen', dueMs: null, failures: 0 }
  const pausesMs = [10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000, 600_000]
  for (const pauseMs of pausesMs) {
    const queued: FileLife = { ...life, state: 'taking', dueMs: null }
    assert.equal(after(queued, 'failed', NOW_MS, 0).dueMs, NOW_MS + pauseMs * 0.75)
    life = after(queued, 'failed', NOW_MS, 1)
    assert.equal(life.dueMs, NOW_MS + pauseMs)
  }
  assert.equal(life.failures, pausesMs.length)
})

/** As it is after what happens; what has no place in the table changes nothing. */
function after(life: FileLife, happening: Happening, nowMs = NOW_MS, random = 1): FileLife {
  const step = LIFE[life.state][happening]
  return step === undefined ? life : advance(life, step, nowMs, random)
}
