import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { surplusOf } from '../../../installer/outbox/surplus.ts'
import type { Target } from '../../../notify/target.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'

const AWAY: Target = `webhook:${'a'.repeat(32)}`
const OTHER: Target = `sentry:${'b'.repeat(32)}`
const CHAT: Target = `channel:${'c'.repeat(32)}`

function entry(number: number, pending: readonly Target[], attempts = 1): OutboxEntry {
  const notice = sampleNotification({ report: { ...REPORT, id: number.toString(16).padStart(12, '0') } })
  return { notice, pending, attempts, notBefore: null, firstAt: new Date(number * 1000).toISOString() }
}

/** The numbers of what goes, by its destination. */
function surplus(entries: readonly OutboxEntry[], most: number): Record<string, number[]> {
  const numbers = (of: readonly OutboxEntry[]) =>
    of.map(({ notice }) => Number.parseInt(notice.report.id, 16))
  return Object.fromEntries([...surplusOf(entries, most)].map(([target, of]) => [target, numbers(of)]))
}

describe('surplusOf()', () => {
  it('takes nothing as long as there is room', () => {
    assert.deepEqual(surplus([entry(1, [AWAY]), entry(2, [AWAY])], 2), {})
  })

  it('takes the oldest of who has the most, and nothing of others', () => {
    const entries = [entry(1, [CHAT]), entry(4, [AWAY]), entry(3, [AWAY]), entry(2, [AWAY])]
    assert.deepEqual(surplus(entries, 2), { [AWAY]: [2, 3] })
  })

  it('takes of all that are away until the entry goes', () => {
    const entries = [1, 2, 3].map(number => entry(number, [AWAY, OTHER]))
    assert.deepEqual(surplus(entries, 2), { [AWAY]: [1], [OTHER]: [1] })
  })

  it('takes nothing that was not tried, however much it is', () => {
    const entries = [entry(1, [CHAT], 0), entry(2, [CHAT], 0), entry(3, [AWAY])]
    assert.deepEqual(surplus(entries, 1), { [AWAY]: [3] })
  })
})
