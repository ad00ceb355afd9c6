import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { firstWindow, placeName, standingOf, windowAfter, windowAt } from '../../groups/outbreak.ts'
import { inputs } from '../inputs.ts'

const DAY = 86_400
const RULE = { windowSeconds: 300, keep: 1 }
/** At a boundary of five minutes. */
const BEGUN = 1_763_700_000
const later = (seconds: number) => windowAt(BEGUN, BEGUN + seconds, RULE)

describe('windows of an outbreak', () => {
  it('are each twice as long as the one before, up to a day', () => {
    const lengths: number[] = []
    for (let window = later(0); lengths.length < 12; window = windowAt(BEGUN, window.endsAt, RULE)) {
      assert.equal(window.number, lengths.length)
      lengths.push(window.endsAt - windowStart(window))
    }
    const doubled = [5, 10, 20, 40, 80, 160, 320, 640, 1280].map(minutes => minutes * 60)
    assert.deepEqual(lengths, [...doubled, DAY, DAY, DAY])
  })

  it('of which a night of eight hours has seven', () => {
    assert.equal(later(8 * 3600).number, 6)
  })

  it('are the same to all nodes, from whatever they know', () => {
    fc.assert(
      fc.property(
        fc.nat(90 * DAY),
        fc.nat(90 * DAY),
        fc.integer({ min: 1, max: 3 * DAY }),
        (one, more, base) => {
          const rule = { windowSeconds: base, keep: 1 }
          const known = windowAt(BEGUN, BEGUN + one, rule)
          const now = windowAt(BEGUN, BEGUN + one + more, rule)
          assert.ok(known.endsAt > BEGUN + one && now.endsAt > BEGUN + one + more)
          assert.ok(windowAt(BEGUN, known.endsAt - 1, rule).number === known.number)
          assert.ok(windowAt(BEGUN, known.endsAt, rule).number === known.number + 1)
          const after = windowAfter(known, BEGUN + one + more, rule)
          if (after === null) assert.ok(BEGUN + one + more >= known.endsAt + DAY)
          else assert.deepEqual(after, now)
        },
      ),
      inputs(1000),
    )
  })

  it('begin at the same time for all that crash at once', () => {
    assert.deepEqual(firstWindow(BEGUN + 1, RULE), firstWindow(BEGUN + 299, RULE))
    assert.deepEqual(firstWindow(BEGUN + 1, RULE), { outbreak: BEGUN, number: 0, endsAt: BEGUN + 300 })
  })

  it('are over after a day without a crash that was kept', () => {
    const last = later(300)
    assert.equal(windowAfter(last, last.endsAt + DAY - 1, RULE)?.outbreak, BEGUN)
    assert.equal(windowAfter(last, last.endsAt + DAY, RULE), null)
  })

  it('of a node whose clock is ahead count for none that is far behind it', () => {
    assert.equal(windowAfter(later(0), BEGUN - 10, RULE)?.number, 0)
    assert.equal(windowAfter(later(0), BEGUN - 3600, RULE), null)
  })
})

describe('standingOf()', () => {
  const names = (...windows: readonly [seconds: number, place: number][]) =>
    windows.map(([seconds, place]) => placeName(later(seconds), place))

  it('begins an outbreak where there is none', () => {
    assert.deepEqual(standingOf([], BEGUN + 7, RULE), {
      window: { outbreak: BEGUN, number: 0, endsAt: BEGUN + 300 },
      taken: new Set(),
    })
  })

  it('says which places of the window that is now are taken', () => {
    const found = standingOf(names([0, 0], [300, 0], [300, 2]), BEGUN + 400, RULE)
    assert.deepEqual([found.window.number, [...found.taken]], [1, [0, 2]])
    assert.deepEqual([...standingOf(names([0, 0]), BEGUN + 400, RULE).taken], [])
  })

  it('begins anew after a day of quiet', () => {
    const now = BEGUN + 5 * DAY + 1
    assert.deepEqual(standingOf(names([0, 0], [3600, 0]), now, RULE).window, firstWindow(now, RULE))
  })

  it('takes the earlier of two outbreaks that go on', () => {
    const other = placeName(windowAt(BEGUN + 300, BEGUN + 300, RULE), 0)
    assert.equal(standingOf([other, ...names([0, 0])], BEGUN + 400, RULE).window.outbreak, BEGUN)
  })

  it('makes something of whatever names another node wrote', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,12}\.\d{0,7}-\d{0,5}$/))),
        names => {
          const { window, taken } = standingOf(names, BEGUN, RULE)
          assert.ok(window.endsAt > BEGUN && taken.size <= names.length)
        },
      ),
      inputs(500),
    )
  })
})

function windowStart({ number, endsAt }: { readonly number: number; readonly endsAt: number }): number {
  return number === 0 ? BEGUN : windowAt(BEGUN, lastSecondBefore(number, endsAt), RULE).endsAt
}

/** Some second of the window before. */
function lastSecondBefore(number: number, endsAt: number): number {
  let second = endsAt - 1
  while (windowAt(BEGUN, second, RULE).number === number) second -= 300
  return second
}
