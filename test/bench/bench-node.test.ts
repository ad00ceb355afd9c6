import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseStored, wholeCore } from '../../bench/bench-node.ts'

const report = { schema: 'coredog.io/report/v1', id: 'a', core: { complete: true } } as const
const stored = JSON.stringify({ time: '2026-01-02T03:04:05.678Z', msg: 'crash stored', report })

it('of a log with one stored crash come its time and its report', () => {
  assert.deepEqual(parseStored(`${stored}\n`), { storedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678), report })
})

const others = [
  { name: 'nothing', text: '' },
  { name: 'a crash that was lost', text: JSON.stringify({ msg: 'crash lost', report }) },
  {
    name: 'a warning beside the crash',
    text: `${JSON.stringify({ msg: 'spool not available' })}\n${stored}`,
  },
  { name: 'two crashes', text: `${stored}\n${stored}` },
]
for (const { name, text } of others) {
  it(`a log with ${name} is no measurement`, () => {
    assert.throws(() => parseStored(text), /Cannot measure/)
  })
}

it('a core that was cut is no whole one, and the reason is told', () => {
  assert.equal(wholeCore(report), report.core)
  const cut = { ...report, core: { complete: false, incompleteReason: 'the kernel stopped' } }
  assert.throws(() => wholeCore(cut), /the kernel stopped/)
  assert.throws(() => wholeCore({ schema: report.schema, id: 'a' }), /Cannot measure/)
})
