import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { GroupEntry, Withdrawal } from '../../handoff/group-file.ts'
import { type Admission, standingOf } from '../../handoff/group-standing.ts'

const RULE = { windowSeconds: 300, keep: 1 }
const time = (second: number) => new Date(second * 1000)
const came = (id: string, second: number): GroupEntry => ({ what: 'came', id, time: time(second) })
const gone = (what: Withdrawal, id: string): GroupEntry => ({ what, id })
const elsewhere = (id: string): GroupEntry => ({ what: 'elsewhere', id })
const KEPT: Admission = { keep: true, suppressed: 0 }
/** Not kept, for the sake of `id`, since the group began at 0. */
const counted = (id: string, second: number): Admission => ({
  keep: false,
  since: time(0),
  kept: [{ id, time: time(second) }],
})

for (const { name, entries, admissions, suppressed, since = 0 } of [
  {
    name: 'keeps the first, and counts those that come within its time',
    entries: [came('a', 0), came('b', 299), came('c', 300)],
    admissions: { a: KEPT, b: counted('a', 0), c: { keep: true, suppressed: 1 } },
    suppressed: 0,
    since: 300,
  },
  {
    name: 'gives a crash that comes twice one answer, and counts it once',
    entries: [came('a', 0), came('b', 1), came('a', 2), came('b', 3)],
    admissions: { a: KEPT, b: counted('a', 0) },
    suppressed: 1,
  },
  {
    name: 'counts one that others were kept of on other nodes, and what was counted before it',
    entries: [came('a', 0), came('b', 1), gone('withdrawn', 'a'), came('c', 2), elsewhere('c'), came('d', 3)],
    admissions: {
      b: counted('a', 0),
      c: { keep: false, since: time(0), kept: [] },
      d: { keep: true, suppressed: 2 },
    },
    suppressed: 0,
  },
  {
    name: 'leaves to others nothing that it has not admitted, and that once',
    entries: [came('a', 0), came('b', 1), elsewhere('b'), elsewhere('a'), elsewhere('a')],
    admissions: { a: { keep: false, since: time(0), kept: [] }, b: counted('a', 0) },
    suppressed: 2,
  },
  {
    name: 'knows the place of one that it keeps',
    entries: [came('a', 0), { what: 'place', id: 'a', key: '_groups/x' }, came('b', 1)],
    admissions: { a: { ...KEPT, place: '_groups/x' }, b: counted('a', 0) },
    suppressed: 1,
  },
  {
    name: 'keeps another in the place of one that was withdrawn',
    entries: [came('a', 0), came('b', 1), gone('withdrawn', 'a'), came('c', 2), came('d', 3)],
    admissions: {
      b: counted('a', 0),
      c: { keep: true, suppressed: 1 },
      d: counted('c', 2),
    },
    suppressed: 1,
  },
  {
    name: 'tells of those that one would have told of that was refused',
    entries: [came('a', 0), came('b', 1), came('c', 300), gone('refused', 'c')],
    admissions: { a: KEPT, b: counted('a', 0) },
    suppressed: 1,
    since: 300,
  },
  {
    name: 'takes nothing back of one that was only counted, or never came',
    entries: [came('a', 0), came('b', 1), gone('withdrawn', 'b'), gone('refused', 'x')],
    admissions: { a: KEPT, b: counted('a', 0) },
    suppressed: 1,
  },
  {
    name: 'names the core of the last one that was kept, wherever its line stands',
    entries: [came('a', 0), came('b', 1), { what: 'core', id: 'a', core: { key: 'k', url: 's3://k' } }],
    admissions: { a: KEPT, b: { ...counted('a', 0), core: { key: 'k', url: 's3://k' } } },
    suppressed: 1,
  },
  {
    name: 'begins anew when the clock was set back by more than its time',
    entries: [came('a', 300), came('b', 0)],
    admissions: { a: KEPT, b: KEPT },
    suppressed: 0,
  },
] as const) {
  it(`standingOf() ${name}`, () => {
    const standing = standingOf(entries, RULE)
    assert.deepEqual(Object.fromEntries(standing.admissions), admissions)
    assert.deepEqual([standing.suppressed, standing.since], [suppressed, time(since)])
  })
}

it('standingOf() has no beginning where nothing has come', () => {
  assert.equal(standingOf([], RULE).since, null)
})
