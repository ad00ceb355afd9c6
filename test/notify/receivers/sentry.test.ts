import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SentryReceiver } from '../../../config/receivers/sentry.ts'
import type { ReportFrame } from '../../../crash/report.ts'
import type { Notification } from '../../../notify/notification.ts'
import { sentry } from '../../../notify/receivers/sentry.ts'
import { debugIdOf } from '../../../notify/receivers/sentry-frames.ts'
import { LINK, lostNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { receiverOf, told } from './samples.ts'

const RECEIVER = receiverOf('sentry', 'https://sentry.example/folder/1') as SentryReceiver
const BUILD = 'b0b9e8d5c6f14a3e9d0812345678abcd01234567'
const FRAMES: readonly ReportFrame[] = [
  { function: 'raise', module: '/lib/libc.so.6', address: '0x3c', own: false, trust: 'context' },
  {
    ...{ function: 'total', module: '/app/server', address: '0x401149', buildId: BUILD },
    ...{ file: '/src/basket.cc', line: 41, own: true, trust: 'cfi' },
  },
]

/** As https://develop.sentry.dev/sdk/foundations/envelopes says that a receiver reads it: items by their length. */
function itemsIn(body: Buffer) {
  const lineAt = (from: number) => {
    const end = body.indexOf('\n', from)
    return { text: body.subarray(from, end).toString(), next: end + 1 }
  }
  const header = lineAt(0)
  const items = []
  for (let at = header.next; at < body.length; ) {
    const line = lineAt(at)
    const itemHeader = JSON.parse(line.text)
    const end = line.next + itemHeader.length
    items.push({ header: itemHeader, payload: JSON.parse(body.subarray(line.next, end).toString()) })
    assert.equal(body[end], 10)
    at = end + 1
  }
  return { header: JSON.parse(header.text), items }
}

function posted(notification: Notification) {
  const request = sentry.request(told(notification), RECEIVER)!
  assert.ok(typeof request.body === 'string')
  const { header, items } = itemsIn(Buffer.from(request.body))
  return { ...request, header, items, event: items[0]!.payload }
}

it('sentry is asked at the place that the DSN stands for, with its key in a header', () => {
  const { url, headers } = posted(sampleNotification())
  assert.equal(url, 'https://sentry.example/folder/api/42/envelope/')
  assert.match(
    headers?.['x-sentry-auth'] ?? '',
    /^Sentry sentry_version=7, sentry_client=coredog\/[\d.]+, sentry_key=0123456789abcdef0123456789abcdef$/,
  )
})

it('sentry gets one event in an envelope, the same one each time', () => {
  const text = '崩溃\nof several bytes'
  const first = posted(sampleNotification({ report: { ...REPORT, crash: { reason: text } } }))
  assert.equal(first.items.length, 1)
  assert.deepEqual(first.items[0]?.header.type, 'event')
  assert.match(first.event.event_id, /^[\da-f]{32}$/)
  assert.equal(first.header.event_id, first.event.event_id)
  assert.equal(first.event.event_id, posted(sampleNotification()).event.event_id)
  assert.equal(first.event.exception.values[0].value, text)
})

it('sentry gets the stack with the crash last, and addresses within the files that it knows by their ids', () => {
  const crash = { reason: 'null pointer', group: 'v2:0f', frames: FRAMES }
  const { event } = posted(sampleNotification({ report: { ...REPORT, crash } }))
  const [exception] = event.exception.values
  assert.deepEqual(exception.stacktrace.frames, [
    {
      ...{ function: 'total', package: '/app/server', instruction_addr: '0x401149', addr_mode: 'rel:0' },
      ...{ filename: 'basket.cc', abs_path: '/src/basket.cc', lineno: 41, in_app: true, trust: 'cfi' },
    },
    {
      ...{ function: 'raise', package: '/lib/libc.so.6', instruction_addr: '0x3c' },
      ...{ in_app: false, trust: 'context' },
    },
  ])
  assert.deepEqual(event.debug_meta.images, [
    {
      ...{ type: 'elf', code_file: '/app/server', code_id: BUILD },
      debug_id: 'd5e8b9b0-f1c6-3e4a-9d08-12345678abcd',
    },
  ])
  assert.deepEqual(event.fingerprint, ['v2:0f'])
  assert.deepEqual(exception.mechanism, {
    ...{ type: 'coredump', handled: false },
    meta: { signal: { number: 11, name: 'SIGSEGV', code_name: 'SEGV_MAPERR' } },
  })
})

it('sentry gets release, tags, and where the core is', () => {
  const { event } = posted(sampleNotification())
  assert.equal(event.release, 'registry.example_app:1.4.2')
  assert.equal(event.tags.namespace, 'prod')
  assert.equal(event.tags['crash.id'], REPORT.id)
  assert.equal(event.extra.core, LINK)
  assert.match(event.extra.command, /^gunzip core\.gz/)
})

it('sentry is told of a lost core, and why', () => {
  const { event } = posted(lostNotification())
  assert.equal(event.tags.core, 'lost')
  assert.equal(event.extra.core_lost, 'the store refused the key')
  assert.equal(event.timestamp, '2026-11-21T04:21:19.000Z')
})

it('sentry is not told of crashes that were only counted', () => {
  assert.equal(sentry.request(told(sampleNotification({ outcome: 'suppressed' })), RECEIVER), null)
})

it('debugIdOf() knows builds of any length, and what is none', () => {
  assert.equal(debugIdOf('b0b9e8d5'), 'd5e8b9b0-0000-0000-0000-000000000000')
  for (const id of ['', 'abc', 'xyz0', 'ab'.repeat(65)]) assert.equal(debugIdOf(id), null)
})
