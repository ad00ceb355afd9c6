import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import pino from 'pino'
import { capacity } from '../../../api/capacity.ts'
import { coredumpServer } from '../../../api/coredumps/coredump-server.ts'
import type { ApiOutside } from '../../../api/outside.ts'
import type { ResourceRequest, Verb } from '../../../api/resource-request.ts'
import { StatusError } from '../../../api/status-error.ts'
import { listenTracked } from '../../tracked-server.ts'
import { StoredCrashes } from './stored-crashes.ts'

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** What stands for a user who may all, in a cluster whose namespaces are as old as can be. */
export function outsideOf(store: StoredCrashes, more: Partial<ApiOutside> = {}): ApiOutside {
  return {
    store: store as unknown as ApiOutside['store'],
    index: store.index,
    cluster: 'prod',
    mayDo: async () => true,
    namespaceCreated: async () => new Date(0),
    log: pino({ enabled: false }),
    ...more,
  }
}

/** Coredumps over HTTP: `/shop/NAME`, `/shop`, or `/` of all namespaces. */
export async function served(t: TestContext, more: Partial<ApiOutside> = {}) {
  const store = new StoredCrashes()
  const serve = coredumpServer(outsideOf(store, more), capacity(), {
    rhythm: { pauseSeconds: 0.01 },
    bookmarkMs: 0,
  })
  const server = createServer((request, response) => {
    serve(requestOf(request, response)).catch((thrown: unknown) => refuse(response, thrown))
  })
  const { port, close } = await listenTracked(server)
  t.after(close)
  const url = `http://127.0.0.1:${port}`
  const get = async (path: string, accept = 'application/json') => {
    const answer = await fetch(url + path, { headers: { accept } })
    // biome-ignore lint/suspicious/noExplicitAny: what it has, the tests say
    return { code: answer.status, body: (await answer.json()) as any }
  }
  return { store, get, url, watch: (query: string, accept?: string) => watched(`${url}${query}`, accept) }
}

/** The events of a watch, as they come. */
async function watched(url: string, accept = 'application/json') {
  const over = new AbortController()
  const answer = await fetch(url, { headers: { accept }, signal: over.signal })
  const lines = createInterface({ input: Readable.fromWeb(answer.body as never) })[Symbol.asyncIterator]()
  // biome-ignore lint/suspicious/noExplicitAny: what it has, the tests say
  const next = async (): Promise<any> => {
    const { value, done } = await lines.next()
    return done ? null : JSON.parse(value)
  }
  const nextOf = async (type: string) => {
    let event = await next()
    while (event !== null && event.type !== type) event = await next()
    return event?.object
  }
  return { code: answer.status, next, nextOf, leave: () => over.abort() }
}

function requestOf(request: IncomingMessage, response: ServerResponse): ResourceRequest {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  const [, namespace = '', name = ''] = pathname.split('/').map(decodeURIComponent)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return {
    user: { name: 'ada', groups: [], extra: {} },
    verb: verbOf(name, searchParams),
    ...{ group: 'coredog.io', resource: 'coredumps', subresource: null, rest: [] },
    namespace: namespace || null,
    name: name || null,
    query: searchParams,
    accept: request.headers.accept ?? '',
    ...{ request, response, signal: gone.signal },
  }
}

function verbOf(name: string, query: URLSearchParams): Verb {
  if (name !== '') return 'get'
  return query.get('watch') === 'true' ? 'watch' : 'list'
}

function refuse(response: ServerResponse, thrown: unknown): void {
  const { code, reason, message } =
    thrown instanceof StatusError ? thrown : { code: 500, reason: 'InternalError', message: String(thrown) }
  if (response.headersSent || response.destroyed) return void response.destroy()
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ kind: 'Status', code, reason, message }))
}
