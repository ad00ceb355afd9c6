import assert from 'node:assert/strict'
import { it } from 'node:test'
import { quotaEvent } from '../../../installer/telemetry/quota-event.ts'
import { eventRefusal } from '../../fakes/kube-event.ts'

const TIME = new Date('2026-11-28T10:00:00Z')
const GI = 2 ** 30

function eventOf(usedBytes: number, namespace = 'shop') {
  return quotaEvent({ namespace, use: { usedBytes, limitBytes: 20 * GI }, node: 'node-1', time: TIME })
}

it('an Event on a namespace says how much of its quota is used, and what comes', () => {
  const event = eventOf(18.6 * GI) ?? assert.fail()
  assert.equal(eventRefusal(event, 'shop'), null)
  assert.deepEqual(event.metadata, { name: 'shop.coredog-quota-2026-11-28', namespace: 'shop' })
  assert.match(event.note, /take 19 GiB of 20 GiB: its quota is 93 % used\. At 100 %, of crashes stacks/)
  assert.match(eventOf(20 * GI)?.note ?? '', /100 % used\. Of crashes stacks and a report are kept/)
})

it('what can be no namespace has no Event', () => {
  assert.equal(eventOf(20 * GI, '_host'), null)
  assert.equal(eventOf(20 * GI, 'a..b'), null)
})
