import assert from 'node:assert/strict'
import { it } from 'node:test'
import { AlertBook } from '../../../installer/outbox/alert-book.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'

const NOW = new Date('2026-11-21T04:30:00Z')
const secondsAgo = (seconds: number) => new Date(NOW.getTime() - seconds * 1000)

function crash(workload: string, { namespace = 'shop', outcome = 'stored' as const, id = REPORT.id } = {}) {
  const pod = { namespace, name: `${workload}-0`, workload: { kind: 'Deployment', name: workload } }
  return sampleNotification({ outcome, report: { ...REPORT, id, pod } })
}

it('AlertBook shows the last crash with a core, since the first, until the last', () => {
  const book = new AlertBook()
  book.note(crash('cart'), secondsAgo(60))
  book.note({ ...crash('cart', { id: 'ba9876543210' }), outcome: 'suppressed' }, secondsAgo(10))
  const [ongoing, ...others] = book.within(900, NOW)
  assert.deepEqual(others, [])
  assert.deepEqual(
    [ongoing?.notification.report.id, ongoing?.since, ongoing?.last],
    [REPORT.id, secondsAgo(60), secondsAgo(10)],
  )
  book.note(crash('cart', { id: 'ba9876543210' }), secondsAgo(5))
  assert.equal(book.within(900, NOW)[0]?.notification.report.id, 'ba9876543210')
})

it('AlertBook is not set back by word that comes late, and forgets what is over', () => {
  const book = new AlertBook()
  book.note(crash('cart'), secondsAgo(10))
  book.note(crash('cart'), secondsAgo(100))
  assert.deepEqual(book.within(900, NOW)[0]?.last, secondsAgo(10))
  assert.deepEqual(book.within(10, NOW), [])
  assert.deepEqual(book.within(900, NOW), [])
})

it('AlertBook has room for all, whatever one namespace does', () => {
  const book = new AlertBook()
  book.note(crash('cart'), NOW)
  for (let at = 0; at < 2000; at += 1) book.note(crash(`w${at}`, { namespace: 'loud' }), NOW)
  const kept = book.within(900, NOW).map(({ notification }) => notification.report.pod)
  assert.equal(kept.length, 101)
  assert.equal(kept[0]?.namespace, 'shop')
  assert.equal(kept.at(-1)?.workload?.name, 'w1999')
})
