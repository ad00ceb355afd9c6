import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { REPORT_SCHEMA, type ReportSeen } from '../../crash/report.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { seenLine } from '../../notify/seen.ts'

// A Friday.
const NOW = '2026-11-27T03:12:00.000Z'

const told: readonly {
  readonly name: string
  readonly seen: ReportSeen
  readonly image?: string
  readonly line: string
}[] = [
  {
    name: 'the first one',
    seen: {
      first: NOW,
      last: NOW,
      count: 1,
      firstImage: 'registry.example.com/shop/checkout:1.4.2@sha256:ab',
    },
    line: 'New: the first of its kind on this node, in checkout:1.4.2',
  },
  {
    name: 'the first one of no image',
    seen: { first: NOW, count: 1 },
    line: 'New: the first of its kind on this node',
  },
  {
    name: 'one of this week',
    seen: { first: '2026-11-24T23:59:59Z', count: 36, firstImage: 'checkout:1.4.2' },
    image: 'checkout:1.4.2',
    line: '36th time since Tuesday on this node',
  },
  {
    name: 'one that another image had before',
    seen: { first: '2026-11-24T23:59:59Z', count: 2, firstImage: 'r:5000/checkout:1.4.1' },
    image: 'r:5000/checkout:1.4.2',
    line: '2nd time since Tuesday on this node, first in checkout:1.4.1',
  },
  {
    name: 'one of today',
    seen: { first: '2026-11-27T00:07:31Z', count: 3 },
    line: '3rd time since 00:07 UTC on this node',
  },
  {
    name: 'one of six days ago',
    seen: { first: '2026-11-21T00:00:00Z', count: 11 },
    line: '11th time since Saturday on this node',
  },
  {
    name: 'one of seven days ago, whose day has the name of today',
    seen: { first: '2026-11-20T23:59:59Z', count: 21 },
    line: '21st time since 20 November on this node',
  },
  {
    name: 'one of another year',
    seen: { first: '2025-12-31T23:59:59Z', count: 112 },
    line: '112th time since 31 December 2025 on this node',
  },
  {
    name: 'one of a clock that was set back',
    seen: { first: '2026-11-30T12:00:00Z', count: 4 },
    line: '4th time since 30 November on this node',
  },
  { name: 'one of no time', seen: { first: 'yesterday', count: 4 }, line: '4th time on this node' },
  {
    name: 'an image with what is invisible',
    seen: { first: NOW, count: 1, firstImage: 'a\u202e\nb' },
    line: 'New: the first of its kind on this node, in a\\u{202e}\\nb',
  },
]

describe('seenLine()', () => {
  for (const { name, seen, image, line } of told)
    it(`tells of ${name}`, () => {
      const container = image === undefined ? {} : { container: { image } }
      assert.equal(
        seenLine({ schema: REPORT_SCHEMA, id: 'x', time: NOW, ...container, seen }, LANGUAGES.en),
        line,
      )
    })

  it('says nothing of what is not known', () => {
    assert.equal(seenLine({ schema: REPORT_SCHEMA, id: 'x', time: NOW }, LANGUAGES.en), null)
    assert.equal(seenLine({ schema: REPORT_SCHEMA, id: 'x', time: NOW, seen: {} }, LANGUAGES.en), null)
  })

  it('bounds an image', () => {
    const seen = { count: 1, firstImage: 'x'.repeat(100_000) }
    assert.ok((seenLine({ schema: REPORT_SCHEMA, id: 'x', seen }, LANGUAGES.en) ?? '').length < 200)
  })
})
