import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { AlertmanagerReceiver } from '../../../config/receivers/alertmanager.ts'
import type { Notification } from '../../../notify/notification.ts'
import type { Alert } from '../../../notify/receivers/alert.ts'
import { alertmanager } from '../../../notify/receivers/alertmanager.ts'
import { inputs } from '../../inputs.ts'
import { hostileNotification, lostNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { told } from './samples.ts'

const RECEIVER: AlertmanagerReceiver = {
  ...{ kind: 'alertmanager', url: 'http://alertmanager:9093/api/v2/alerts', headers: {} },
  ...{ labels: { severity: 'page' }, resolveAfterSeconds: 900 },
}

function alertOf(notification: Notification, isKnown = false): Alert | null {
  const request = alertmanager.request({ ...told(notification), isKnown }, RECEIVER)
  if (request === null) return null
  const [alert, ...more] = JSON.parse(String(request.body))
  assert.deepEqual(more, [])
  return alert
}

it('an alert has labels that say which one it is, and nothing that another crash like it has not', () => {
  const one = alertOf(sampleNotification())
  assert.deepEqual(one?.labels, {
    ...{ alertname: 'CoreDogCrash', severity: 'page', namespace: 'prod', workload: 'web', container: 'app' },
    signal: 'SIGSEGV',
  })
  const report = {
    ...{ ...REPORT, id: 'ba9876543210', time: '2026-11-21T04:20:00Z' },
    ...{ pod: { ...REPORT.pod, name: 'web-1', uid: 'another' }, process: { ...REPORT.process, pid: 1 } },
  }
  assert.deepEqual(alertOf(sampleNotification({ report }))?.labels, one?.labels)
})

it('an alert begins with the crash, and ends by itself', () => {
  const alert = alertOf(sampleNotification())
  assert.deepEqual([alert?.startsAt, alert?.endsAt], ['2026-11-21T04:21:17.000Z', '2026-11-21T04:36:20.000Z'])
})

it('an alert of a lost core says why, and of a process of the node which node', () => {
  const report = { ...lostNotification().report, node: { name: 'node-7' } }
  const alert = alertOf(lostNotification({ report }))
  assert.deepEqual(alert?.labels, { alertname: 'CoreDogCrash', severity: 'page', node: 'node-7' })
  assert.equal(alert?.annotations.reason, 'the store refused the key. Check s3AccesskeyID.')
})

it('there is no alert of what is over, nor of a count of all nodes', () => {
  const counted = { outcome: 'suppressed', report: { ...REPORT, suppressed: 7 } } as const
  assert.ok(alertOf(sampleNotification(counted)))
  const past = { ...REPORT, time: '2026-11-21T04:00:00Z' }
  assert.equal(alertOf(sampleNotification({ ...counted, report: past })), null)
  assert.ok(alertOf(sampleNotification({ report: past })))
  const update = {
    ...{ crashes: 412, since: '2026-11-21T04:12:00Z', now: '2026-11-21T04:30:00Z' },
    ...{ nodes: 30, pods: 58, images: [], isOver: false },
  }
  assert.equal(alertOf(sampleNotification({ ...counted, update })), null)
})

it('there is no alert of what is over where another Alertmanager has it, however late it is told else', () => {
  const past = sampleNotification({ report: { ...REPORT, time: '2026-11-21T04:00:00Z' } })
  assert.equal(alertOf(past, true), null)
  assert.ok(alertOf(past))
  assert.equal(alertOf(sampleNotification(), true)?.endsAt, '2026-11-21T04:36:17.000Z')
})

it('an alert holds whatever a crash holds, shortly', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      const { labels = {}, annotations = {} } = alertOf(notification) ?? {}
      for (const value of Object.values(labels)) assert.ok(value.length > 0 && value.length <= 400)
      for (const value of Object.values(annotations)) assert.ok(value.length > 0 && value.length <= 8000)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
      assert.doesNotMatch(Object.values(labels).join(''), /[\u0000-\u001f\u202e]/)
    }),
    inputs(60),
  )
})

for (const [body, status, kind, reason] of [
  ['', 200, 'ok', ''],
  ['{"status":"success"}', 200, 'ok', ''],
  ['<html>Please log in</html>', 200, 'failed', /not as an Alertmanager does/],
  ['{"status":"error","error":"no such tenant"}', 200, 'failed', /no such tenant/],
  ['"start time must be before end time"', 400, 'failed', /HTTP 400: start time must be/],
  ['{"code":601,"message":"labels in body is required"}', 422, 'failed', /labels in body is required/],
  ['<html>', 502, 'retry', /HTTP 502$/],
] as const)
  it(`alertmanager takes ${status} ${body} for ${kind}`, () => {
    const verdict = alertmanager.verdict?.({ status, body, retryAfterSeconds: 0 })
    assert.equal(verdict?.kind, kind)
    if (verdict !== undefined && verdict.kind !== 'ok') assert.match(verdict.reason, reason as RegExp)
  })
