import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import type { WebhookReceiver } from '../../../config/receivers/webhook.ts'
import type { Notification } from '../../../notify/notification.ts'
import { webhook } from '../../../notify/receivers/webhook.ts'
import { signatureHeaders } from '../../../notify/receivers/webhook-signature.ts'
import { inputs } from '../../inputs.ts'
import {
  hostileNotification,
  LINK,
  lostNotification,
  REPORT,
  sampleNotification,
} from '../sample-notification.ts'
import { told } from './samples.ts'

const ajv = new Ajv2020({ allErrors: true })
formats.default(ajv)
const schemaIn = (file: string) =>
  JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../..', file), 'utf8'))
const isEvent = ajv.compile(schemaIn('notify/receivers/cloud-event.schema.json'))
const isReport = ajv.compile(schemaIn('crash/report.schema.json'))

const RECEIVER: WebhookReceiver = {
  kind: 'webhook',
  url: 'https://told.example/x',
  headers: {},
  secret: null,
}
const UPDATE = {
  ...{ crashes: 412, since: '2026-11-21T04:12:00Z', now: '2026-11-21T04:30:00Z' },
  ...{ nodes: 30, pods: 58, images: ['shop:1.4.2'], isOver: false },
}

function posted(notification: Notification, secret: string | null = null) {
  const { body, headers = {} } = webhook.request(told(notification), { ...RECEIVER, secret })!
  assert.ok(typeof body === 'string')
  // biome-ignore lint/suspicious/noExplicitAny: what a receiver gets; a wrong guess throws
  const event: any = JSON.parse(body)
  return { body, headers, event }
}

it('webhook is posted a CloudEvent, by its schema and that of reports', () => {
  const { event, headers } = posted(
    sampleNotification({
      report: { ...REPORT, node: { ...REPORT.node, cluster: 'eu 1' }, threads: [{ tid: 1 }] },
    }),
  )
  assert.equal(isEvent(event), true, ajv.errorsText(isEvent.errors))
  assert.ok(isReport(event.data.report), ajv.errorsText(isReport.errors))
  assert.deepEqual(
    [event.type, event.source, event.id, event.subject, event.time],
    ['io.coredog.crash.v1', '/coredog/eu%201', '3f2a9c01d4e5', 'prod/web-0', '2026-11-21T04:21:17Z'],
  )
  assert.deepEqual(event.data.links, { core: LINK })
  assert.equal(event.data.report.threads, undefined)
  assert.equal(headers['content-type'], 'application/cloudevents+json; charset=utf-8')
})

it('webhook is told why a core was lost, and what to do about it', () => {
  const { event } = posted(lostNotification())
  assert.equal(isEvent(event), true, ajv.errorsText(isEvent.errors))
  const { outcome, reason, hint, links } = event.data
  assert.deepEqual(
    [outcome, reason, hint, links],
    ['lost', 'the store refused the key', 'Check s3AccesskeyID.', undefined],
  )
})

it('webhook is told of a group by a type of its own, and each time by another id', () => {
  const counted = { outcome: 'suppressed', report: { ...REPORT, suppressed: 7 } } as const
  const all = posted(sampleNotification({ ...counted, update: UPDATE })).event
  const one = posted(sampleNotification(counted)).event
  for (const event of [all, one]) assert.equal(isEvent(event), true, ajv.errorsText(isEvent.errors))
  assert.deepEqual([all.type, all.data.crashes, all.data.update.nodes], ['io.coredog.group.v1', 412, 30])
  assert.deepEqual([one.type, one.data.crashes, one.data.update], ['io.coredog.group.v1', 7, undefined])
  assert.notEqual(all.id, REPORT.id)
})

it('webhook gets an event by the schema of whatever a crash holds', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      const { event } = posted(notification)
      assert.equal(isEvent(event), true, ajv.errorsText(isEvent.errors))
    }),
    inputs(60),
  )
})

it('webhook gets a signature over id, time and body, which another secret does not make', () => {
  const { body, headers } = posted(sampleNotification(), 'a-secret-of-sixteen')
  const text = `3f2a9c01d4e5.1795234880.${body}`
  const by = (secret: string | Buffer) => `v1,${createHmac('sha256', secret).update(text).digest('base64')}`
  assert.equal(headers['webhook-id'], '3f2a9c01d4e5')
  assert.equal(headers['webhook-timestamp'], '1795234880')
  assert.equal(headers['webhook-signature'], by('a-secret-of-sixteen'))
  assert.notEqual(headers['webhook-signature'], by('another-of-sixteen-'))
  const standard = posted(sampleNotification(), `whsec_${btoa('sixteen bytes of')}`).headers[
    'webhook-signature'
  ]
  assert.equal(standard, by(Buffer.from('sixteen bytes of')))
})

it('signatureHeaders() signs as the libraries of Standard Webhooks check it', () => {
  // Their own example: libraries/python/tests/test_webhooks.py, test_sign_function.
  const headers = signatureHeaders(
    {
      ...{ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
      now: new Date(1_614_265_330_000),
    },
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  )
  assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})
