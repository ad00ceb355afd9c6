import assert from 'node:assert/strict'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { encodeSuppressed, suppressedFile } from '../../../handoff/suppressed.ts'
import { AlertBook } from '../../../installer/outbox/alert-book.ts'
import { renewAlerts, renewOnce } from '../../../installer/outbox/renew-alerts.ts'
import type { Alert } from '../../../notify/receivers/alert.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { answering, startFakeReceiver } from '../../fakes/fake-receiver.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const NOW = new Date()
const SIGNAL = AbortSignal.timeout(120_000)
const COUNTED = sampleNotification({ outcome: 'suppressed', link: null })

async function world(t: TestContext) {
  const manager = await startFakeReceiver()
  t.after(manager.close)
  const host = new Host(temporaryFolder(t))
  mkdirSync(host.path('/var/lib/coredog/dedupe'), { recursive: true })
  const { config } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
destinations: {alertmanager: {urls: ["${manager.origin}/a", "${manager.origin}/b/"], resolveAfter: 10m}}`)
  const { log, lines } = openLogLines()
  const options = { config, host, alerts: new AlertBook(), hasApi: () => false, log }
  const receivers = config.receivers.filter(receiver => receiver.kind === 'alertmanager')
  const renew = () => renewOnce(receivers, options, NOW, SIGNAL)
  const told = () => manager.received.map(({ url, body }) => ({ url, alerts: JSON.parse(body) as Alert[] }))
  return { manager, host, options, lines, renew, told }
}

/** What handlers leave of crashes that they only count; the last one came so many seconds ago. */
function layGroup(host: Host, name: string, secondsAgo: number, word = encodeWord()): void {
  const file = path.join(host.path('/var/lib/coredog/dedupe'), name)
  writeFileSync(file, 'lines')
  writeFileSync(suppressedFile(file), word)
  const at = new Date(NOW.getTime() - secondsAgo * 1000)
  utimesSync(file, at, at)
}

function encodeWord(notice = COUNTED): string {
  return encodeSuppressed({ notice, rule: { windowSeconds: 300, keep: 1 } })
}

it('renewOnce() tells each Alertmanager in one request of what is only counted, until when it lasts', async t => {
  const { host, renew, told } = await world(t)
  layGroup(host, 'one', 60)
  const other = sampleNotification({ report: { ...REPORT, container: { name: 'other' } } })
  layGroup(host, 'two', 30, encodeWord({ ...other, outcome: 'suppressed' }))
  assert.deepEqual(await renew(), [])
  assert.deepEqual(
    told()
      .map(({ url }) => url)
      .toSorted(),
    ['/a/api/v2/alerts', '/b/api/v2/alerts'],
  )
  const [{ alerts } = { alerts: [] }] = told()
  assert.deepEqual(alerts.map(({ labels }) => labels.container).toSorted(), ['app', 'other'])
  const lasts = alerts.map(({ endsAt }) => Math.round((Date.parse(endsAt) - NOW.getTime()) / 1000))
  assert.deepEqual(lasts.toSorted(), [540, 570])
})

it('renewOnce() asks nobody where nothing goes on, and passes over what it cannot read', async t => {
  const { host, renew, told } = await world(t)
  layGroup(host, 'long-past', 601)
  layGroup(host, 'half', 10, encodeWord().slice(0, 100))
  assert.deepEqual(await renew(), [])
  assert.deepEqual(told(), [])
})

it('renewOnce() goes on with what was told, and keeps the link of the core that was kept', async t => {
  const { host, options, renew, told } = await world(t)
  options.alerts.note(sampleNotification(), new Date(NOW.getTime() - 120_000))
  layGroup(host, 'one', 60)
  await renew()
  const [{ alerts } = { alerts: [] }] = told()
  assert.equal(alerts.length, 1)
  assert.equal(alerts[0]?.annotations.outcome, 'stored')
  assert.match(alerts[0]?.annotations.links ?? '', /https:\/\/cores\.example/)
})

it('renewOnce() says which Alertmanager did not take it, and tells the others', async t => {
  const { manager, host, renew } = await world(t)
  layGroup(host, 'one', 60)
  manager.react((response, { url }) =>
    answering(url.startsWith('/a') ? 503 : 200)(response, { url, headers: {}, body: '' }),
  )
  const [fault, ...more] = await renew()
  assert.deepEqual([fault?.to, fault?.reason, more], ['alertmanager#1', 'it answered with HTTP 503', []])
  assert.equal(manager.received.length, 2)
})

it('renewOnce() tells of all others, where alerts are so long that one request is refused', async t => {
  const { manager, host, renew } = await world(t)
  for (let number = 0; number < 480; number += 1) {
    const long = { abortMessage: 'x'.repeat(7000), reason: 'y'.repeat(7000) }
    const frames = Array.from({ length: 60 }, () => ({ function: 'f'.repeat(2000), own: true }))
    const pod = { ...REPORT.pod, namespace: `ns-${number % 8}` }
    const report = { ...REPORT, pod, container: { name: `c-${number}` }, crash: { ...long, frames } }
    layGroup(host, `long-${number}`, 60, encodeWord({ ...COUNTED, report }))
  }
  let asked = 0
  manager.react((response, request) => {
    asked += request.url.startsWith('/a') ? 1 : 0
    const isRefused = request.url.startsWith('/a') && asked === 1
    answering(isRefused ? 413 : 200)(response, request)
  })
  const faults = await renew()
  const bodies = manager.received.filter(({ url }) => url.startsWith('/b')).map(({ body }) => body)
  for (const body of bodies) assert.ok(Buffer.byteLength(body) < 1_000_000, String(body.length))
  assert.deepEqual(
    faults.map(({ reason }) => reason),
    ['it answered with HTTP 413'],
  )
  assert.ok(bodies.length > 1, String(bodies.map(body => body.length)))
  assert.equal(asked, bodies.length)
})

it('renewOnce() tells as much as notify.detail and downloadLink let people know', async t => {
  const { options, renew, told } = await world(t)
  const silent = { ...options.config.notice, detail: 'names', downloadLink: 'none' } as const
  Object.assign(options, { config: { ...options.config, notice: silent } })
  options.alerts.note(sampleNotification(), NOW)
  await renew()
  const text = JSON.stringify(told())
  assert.doesNotMatch(text, /X-Amz|0x401149/)
})

it('renewAlerts() ends at once where no Alertmanager is to be told', async t => {
  const { options } = await world(t)
  const config = { ...options.config, receivers: [] }
  await renewAlerts({ ...options, config }, new AbortController().signal)
})
