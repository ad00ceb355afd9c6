import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { OpenTelemetryReceiver } from '../../../config/receivers/open-telemetry.ts'
import type { Notification } from '../../../notify/notification.ts'
import { openTelemetry } from '../../../notify/receivers/open-telemetry.ts'
import { lostNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { receiverOf, told } from './samples.ts'

const RECEIVER = receiverOf('openTelemetry', 'http://collector.monitoring:4318') as OpenTelemetryReceiver

function posted(notification: Notification) {
  const { body } = openTelemetry.request(told(notification), RECEIVER)!
  assert.ok(typeof body === 'string')
  const [{ resource, scopeLogs }] = JSON.parse(body).resourceLogs
  const [record] = scopeLogs[0].logRecords
  return { resource: valuesOf(resource.attributes), record, attributes: valuesOf(record.attributes) }
}

function valuesOf(attributes: readonly { key: string; value: object }[]) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}

it('openTelemetry is told at /v1/logs, unless the address has a path', () => {
  assert.equal(RECEIVER.url, 'http://collector.monitoring:4318/v1/logs')
  const other = receiverOf('openTelemetry', 'https://otlp.example/otlp/v1/logs')
  assert.equal(other.url, 'https://otlp.example/otlp/v1/logs')
})

it('openTelemetry gets a record of the time of the crash, with what crashed as its resource', () => {
  const { resource, record } = posted(sampleNotification())
  assert.equal(record.timeUnixNano, '1795234877000000000')
  assert.equal(record.observedTimeUnixNano, '1795234880000000000')
  assert.deepEqual([record.severityNumber, record.severityText, record.eventName], [21, 'FATAL', 'app.crash'])
  assert.deepEqual(resource, {
    'service.name': 'web',
    'service.namespace': 'prod',
    'k8s.node.name': 'node-7',
    'k8s.namespace.name': 'prod',
    'k8s.pod.name': 'web-0',
    'k8s.pod.uid': '0f8fad5b-d9cb-469f-a165-70867728950e',
    'k8s.statefulset.name': 'web',
    'k8s.container.name': 'app',
    'k8s.container.restart_count': '2',
    'container.image.name': 'registry.example/app:1.4.2',
    'process.pid': '7',
    'process.executable.path': '/app/server',
    'os.type': 'linux',
  })
})

it('openTelemetry gets why and where as an exception', () => {
  const frames = [{ function: 'total', module: '/app/server', file: 'basket.cc', line: 41, own: true }]
  const crash = { reason: 'read of a null pointer', frames }
  const { record, attributes } = posted(sampleNotification({ report: { ...REPORT, crash } }))
  assert.equal(attributes['exception.type'], 'SIGSEGV')
  assert.equal(attributes['exception.message'], 'read of a null pointer')
  assert.match(String(attributes['exception.stacktrace']), /total {2}basket\.cc:41/)
  assert.equal(record.body.stringValue, 'SIGSEGV in prod/web (app)\nRead of a null pointer')
  assert.equal(attributes['coredog.core.url'], 's3://cores/prod/web-0/core.gz')
})

it('openTelemetry is told of a lost core, and of crashes that were only counted by another name', () => {
  const { attributes } = posted(lostNotification())
  assert.equal(attributes['coredog.outcome'], 'lost')
  assert.equal(attributes['coredog.outcome.reason'], 'the store refused the key')
  const counted = posted(sampleNotification({ outcome: 'suppressed', report: { ...REPORT, suppressed: 7 } }))
  assert.deepEqual([counted.record.eventName, counted.record.severityText], ['coredog.group', 'ERROR'])
  assert.equal(counted.attributes['coredog.counted'], '7')
  // It was counted now, and crashed at some time before.
  assert.equal(counted.record.timeUnixNano, '1795234879000000000')
})

it('openTelemetry.verdict() reads what a collector rejects with 200', () => {
  const verdict = (body: string) => openTelemetry.verdict?.({ status: 200, body, retryAfterSeconds: 0 })
  assert.equal(verdict('{}')?.kind, 'ok')
  assert.equal(verdict('{"partialSuccess":{}}')?.kind, 'ok')
  assert.equal(verdict('not JSON')?.kind, 'ok')
  const rejected = verdict('{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too\\nold"}}')
  assert.deepEqual(
    rejected && 'reason' in rejected && rejected.reason,
    'it rejected the log record: too\\nold',
  )
})
