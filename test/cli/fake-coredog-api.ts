import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import type { Coredump } from '../../coredump/coredump.ts'
import { coredumpOf } from '../../coredump/coredump-of.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { type CrashReport, REPORT_SCHEMA } from '../../crash/report.ts'
import { digest } from './stored-crash.ts'

export interface FakeCrash {
  readonly entry: IndexEntry
  readonly core?: Buffer
  readonly report?: Partial<CrashReport>
  readonly log?: string
  /** What `coredumps/group` answers; absent: 404. */
  readonly group?: object
}

interface Behaviour {
  /** What `coredumps/url` answers; absent: 501. */
  readonly link?: (crash: Coredump) => string
  /** Of each core so much is sent, and then nothing for as long as it is true. */
  readonly holdsAfterBytes?: () => number | null
  readonly refuses?: (path: string) => boolean
  /** What is answered 503. */
  readonly fails?: (path: string) => boolean
  readonly isInstalled?: boolean
}

const GROUP = '/apis/coredog.io/v1alpha1/'

/** What answers as coredog-api behind an API server does, as far as `kubectl coredog` asks; and a kubeconfig for it. */
export async function fakeCoredogApi(crashes: readonly FakeCrash[], behaviour: Behaviour = {}) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    answer(crashes, behaviour, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(path.join(tmpdir(), 'coredog-kubeconfig-'))
  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const kubeconfig = path.join(folder, 'config')
  await writeFile(kubeconfig, kubeconfigFor(url))
  return { url, kubeconfig, asked }
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
  })
}

function answer(
  crashes: readonly FakeCrash[],
  behaviour: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
): unknown {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  if (behaviour.isInstalled === false || !pathname.startsWith(GROUP))
    return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
  if (request.headers.authorization !== 'Bearer secret') return status(response, 401, 'Unauthorized')
  if (behaviour.refuses?.(pathname) === true) return status(response, 403, 'Forbidden')
  if (behaviour.fails?.(pathname) === true) return status(response, 503, 'ServiceUnavailable')
  const [first = '', namespace, , name, subresource] = pathname.slice(GROUP.length).split('/')
  const all = crashes.map(crash => ({ crash, coredump: objectOf(crash) }))
  const mine = first === 'namespaces' ? all.filter(one => one.coredump.metadata.namespace === namespace) : all
  if (name === undefined)
    return list(
      mine.map(one => one.coredump),
      searchParams,
      response,
    )
  const found = mine.find(one => one.coredump.metadata.name === name)
  if (found === undefined) return status(response, 404, 'NotFound')
  return one(found, subresource, behaviour, request, response)
}

function objectOf({ entry, report, core }: FakeCrash): Coredump {
  return coredumpOf(entry, reportOf({ entry, ...(report && { report }), ...(core && { core }) }))
}

function reportOf({ entry, report, core = Buffer.alloc(0) }: FakeCrash): CrashReport {
  const kept = {
    key: 'k',
    complete: true,
    compression: 'gzip',
    storedBytes: core.length,
    sha256: digest(core),
  } as const
  return { schema: REPORT_SCHEMA, id: entry.id, core: kept, ...report }
}

function list(items: readonly Coredump[], query: URLSearchParams, response: ServerResponse): unknown {
  if (query.get('watch') === 'true') {
    response.writeHead(200, { 'content-type': 'application/json' })
    for (const object of items) response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    return response
  }
  const from = Number(query.get('continue') ?? 0)
  const limit = Number(query.get('limit') ?? 500)
  const more = from + limit < items.length ? String(from + limit) : undefined
  const metadata = { resourceVersion: '7', ...(more !== undefined && { continue: more }) }
  return json(response, { kind: 'CoredumpList', metadata, items: items.slice(from, from + limit) })
}

function one(
  { crash, coredump }: { readonly crash: FakeCrash; readonly coredump: Coredump },
  subresource: string | undefined,
  { link, holdsAfterBytes }: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
): unknown {
  if (subresource === undefined) return json(response, coredump)
  if (subresource === 'report') return json(response, reportOf(crash))
  if (subresource === 'group' && crash.group !== undefined) return json(response, crash.group)
  if (subresource === 'log' && crash.log !== undefined) return response.end(crash.log)
  if (subresource === 'url' && link !== undefined) return json(response, { url: link(coredump) })
  if (subresource === 'url') return status(response, 501, 'NotImplemented')
  if (subresource === 'proxy' && crash.core !== undefined)
    return sendRange(crash.core, request, response, holdsAfterBytes?.() ?? null)
  return status(response, 404, 'NotFound')
}

export function sendRange(
  bytes: Buffer,
  { headers }: IncomingMessage,
  response: ServerResponse,
  holdsAfterBytes: number | null = null,
): unknown {
  const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? []
  const from = Number(first ?? 0)
  const range =
    first === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
  response.writeHead(first === undefined ? 200 : 206, {
    'content-length': bytes.length - from,
    etag: '"x"',
    ...range,
  })
  if (holdsAfterBytes === null) return response.end(bytes.subarray(from))
  return response.write(bytes.subarray(from, holdsAfterBytes))
}

function json(response: ServerResponse, value: unknown): unknown {
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function status(response: ServerResponse, code: number, reason: string): unknown {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: `it is ${reason}`,
  }
  return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
