import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, it } from 'node:test'
import type { OutboxEntry } from '../../../handoff/outbox-entry.ts'
import { reportToCoreSight } from '../../../installer/outbox/core-sight.ts'
import { PLAIN_NETWORK } from '../../../network/network.ts'
import type { Verdict } from '../../../notify/verdict.ts'
import { LINK, REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'

const MD5 = '0f343b0931126a20f133d67c2b018a3b'
const FIRST_AT = '2026-11-21T04:21:19.000Z'
const CORE = { ...REPORT.core, md5: MD5, key: 'corefiles/prod/web-0/core.gz' }

let server: Server
let origin = ''
let requests: { method?: string; url?: string; headers: IncomingMessage['headers']; body: unknown }[]
let answer: { status: number; headers?: Record<string, string> }
let lines: LogLine[]

beforeEach(async () => {
  requests = []
  answer = { status: 202 }
  server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    requests.push({ method, url, headers, body: JSON.parse(await text(request)) })
    response.writeHead(answer.status, answer.headers).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function entry(report = { ...REPORT, core: CORE }): OutboxEntry {
  return {
    notice: sampleNotification({ report }),
    pending: ['coreSight'],
    notBefore: null,
    attempts: 1,
    firstAt: FIRST_AT,
  }
}

function report(
  from = entry(),
  { url = `http://${origin}`, token = null as string | null } = {},
): Promise<Verdict> {
  const opened = openLogLines()
  lines = opened.lines
  return reportToCoreSight(
    from,
    { url, token },
    { log: opened.log, network: PLAIN_NETWORK },
    AbortSignal.timeout(120_000),
  )
}

it('reportToCoreSight() posts the CloudEvent of the original, with the fields of both its documents (A7, rows 64 and 65)', async () => {
  assert.deepEqual(await report(entry(), { token: 'of-the-agent' }), { kind: 'ok' })
  assert.deepEqual(requests[0]?.body, {
    specversion: '1.0',
    type: 'coredog.coredump.uploaded',
    source: 'coredog-agent',
    id: 'coredog-3f2a9c01d4e5',
    time: FIRST_AT,
    datacontenttype: 'application/json',
    token: 'of-the-agent',
    data: {
      coredump_id: 0,
      file_url: LINK,
      file_name: 'core.server.7.web-0.1700000000',
      executable_path: '/app/server',
      file_size: 88_080_384,
      md5: MD5,
      image: 'registry.example/app:1.4.2',
      timestamp: '2026-11-21T04:21:17Z',
      pod_name: 'web-0',
      pod_namespace: 'prod',
      node_ip: '10.0.1.7',
      node_name: 'node-7',
    },
  })
})

it('reportToCoreSight() posts to the address as it stands, with the token as bearer (row 63)', async () => {
  await report(entry(), { url: `http://${origin}/ingest?cluster=a`, token: 'of-the-agent' })
  const [{ method, url, headers } = {}] = requests
  assert.deepEqual(
    [method, url, headers?.['content-type'], headers?.authorization],
    ['POST', '/ingest?cluster=a', 'application/json', 'Bearer of-the-agent'],
  )
})

it('reportToCoreSight() sends no token where there is none, but the user of the address', async () => {
  await report()
  assert.equal(requests[0]?.headers.authorization, undefined)
  assert.equal(Object.hasOwn(requests[0]?.body as object, 'token'), false)
  await report(entry(), { url: `http://dog:w%20of@${origin}/` })
  assert.equal(requests[1]?.headers.authorization, `Basic ${btoa('dog:w of')}`)
})

it('reportToCoreSight() logs the lines of the documents, without what is secret in the address (row 68)', async () => {
  await report(entry(), { url: `http://user:pass@${origin}/ingest?key=secret`, token: 'of-the-agent' })
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    [
      `[CoreSight] Successfully reported coredump uploaded event: http://${origin}/ingest (event_id: coredog-3f2a9c01d4e5, status: 202)`,
      `CoreSight event reported: executable=/app/server, size=88080384, md5=${MD5}`,
    ],
  )
})

it('reportToCoreSight() skips what lacks a field that CoreSight needs, for good (row 67)', async () => {
  const { container: _, node: __, ...rest } = REPORT
  assert.deepEqual(await report(entry({ ...rest, core: CORE })), { kind: 'ok' })
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    [
      'skip reporting to CoreSight due to missing fields: [image node_ip], file=core.server.7.web-0.1700000000',
    ],
  )
  assert.deepEqual(requests, [])
})

for (const [status, kind] of [
  [200, 'ok'],
  [400, 'failed'],
  [401, 'failed'],
  [404, 'failed'],
  [408, 'retry'],
  [425, 'retry'],
  [429, 'retry'],
  [302, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
] as const) {
  it(`reportToCoreSight() takes HTTP ${status} for ${kind}`, async () => {
    answer = { status, headers: { 'retry-after': '7' } }
    const verdict = await report()
    assert.equal(verdict.kind, kind)
    if (verdict.kind === 'retry') assert.equal(verdict.afterSeconds, 7)
  })
}

it('reportToCoreSight() tries again when nobody answers, but not at what is no address', async () => {
  assert.equal((await report(entry(), { url: 'http://127.0.0.1:1/' })).kind, 'retry')
  assert.equal((await report(entry(), { url: 'nats://coresight:4222' })).kind, 'failed')
  assert.equal((await report(entry(), { url: 'http://%zz' })).kind, 'failed')
})

it('reportToCoreSight() says nothing of the address or the token when it fails', async () => {
  const verdict = await report(entry(), { url: 'http://user:pass@127.0.0.1:1/key', token: 'of-the-agent' })
  assert.doesNotMatch(JSON.stringify([verdict, lines]), /pass|key|of-the-agent/)
})
