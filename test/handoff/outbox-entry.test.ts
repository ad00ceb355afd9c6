import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { encodeEntry, type OutboxEntry, parseEntry } from '../../handoff/outbox-entry.ts'
import { inputs } from '../inputs.ts'
import { hostileNotification, sampleNotification } from '../notify/sample-notification.ts'

const ENTRY: OutboxEntry = {
  notice: sampleNotification(),
  pending: ['customHandler', `channel:${'0a'.repeat(16)}`, 'coreSight'],
  notBefore: '2026-11-21T04:22:47.000Z',
  attempts: 2,
  firstAt: '2026-11-21T04:21:17.000Z',
}

function changed(change: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(encodeEntry(ENTRY)), ...change })
}

it('parseEntry() reads what encodeEntry() wrote, whatever the crash says of itself', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      assert.deepEqual(parseEntry(encodeEntry({ ...ENTRY, notice: notification })), {
        ...ENTRY,
        notice: notification,
      })
    }),
    inputs(50),
  )
})

it('parseEntry() reads an entry that is due', () => {
  const due = { ...ENTRY, notBefore: null }
  assert.deepEqual(parseEntry(encodeEntry(due)), due)
})

for (const [what, text] of Object.entries({
  'half an entry': encodeEntry(ENTRY).slice(0, 200),
  nothing: '',
  'another version': changed({ version: 2 }),
  'nobody to tell': changed({ pending: [] }),
  'a target of another kind': changed({ pending: ['channel:https://hooks.example/x'] }),
  'a time that is none': changed({ firstAt: 'yesterday' }),
  'attempts that are no count': changed({ attempts: '1' }),
  'a notice without a report': changed({ notice: { ...ENTRY.notice, report: null } }),
  'a notice of a crash without a proper id': changed({
    notice: { ...ENTRY.notice, report: { ...ENTRY.notice.report, id: '../../etc/x' } },
  }),
})) {
  it(`parseEntry() refuses ${what}`, () => assert.equal(parseEntry(text), null))
}

it('parseEntry() never throws', () => {
  fc.assert(
    fc.property(fc.json(), text => void parseEntry(text)),
    inputs(1000),
  )
})
