import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import path from 'node:path'
import type { TestContext } from 'node:test'
import pino from 'pino'
import { Authentication } from '../../api/authentication.ts'
import { API_LIMITS } from '../../api/limits.ts'
import { createMetrics } from '../../api/metrics.ts'
import type { ServedGroup } from '../../api/resource.ts'
import type { ResourceRequest } from '../../api/resource-request.ts'
import { ApiServer, type ServerOutside } from '../../api/server.ts'
import { listenTls } from '../../serving/server.ts'
import type { Turns } from '../../serving/turns.ts'
import { keyPair } from '../webhook/serving.ts'

const FIXTURES = path.join(import.meta.dirname, '../fixtures/front-proxy')

export function pem(name: string): string {
  return readFileSync(path.join(FIXTURES, `${name}.pem`), 'utf8')
}

/** As kubeadm's API server publishes it. */
export const PUBLISHED = {
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-client-ca-file': pem('ca'),
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-uid-headers': '["X-Remote-Uid"]',
  'requestheader-username-headers': '["X-Remote-User"]',
}

export interface Asked {
  readonly path: string
  readonly method?: string
  /** Whose certificate is shown, of the fixtures; `null`: none. */
  readonly as?: 'client' | 'stranger' | 'wrong-name' | 'server-only' | null
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

export interface Answered {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what it has, the tests say
  readonly json: any
}

type Serve = (asked: ResourceRequest) => Promise<void>

/** A group whose one resource answers by `serve`. */
export function groupWith(serve: Serve): ServedGroup {
  const description = 'A crash.'
  const verbs = ['get', 'list', 'watch', 'create'] as const
  const of = { kind: 'Coredump', description, serve }
  const coredumps = { ...of, name: 'coredumps', singularName: 'coredump', shortNames: ['core'], verbs }
  const proxy = { ...of, name: 'coredumps/proxy', verbs: ['get'] as const, takesRest: true }
  return { group: 'coredog.io', version: 'v1alpha1', resources: [coredumps, proxy] }
}

interface More extends Partial<Pick<ServerOutside, 'mayDo'>> {
  readonly published?: Readonly<Record<string, string>> | null
  readonly limits?: ServerOptions
  readonly turns?: Partial<Turns>
}

/** The server over TLS, with whom it asks made up; each request is told of, and answered with what it was. */
export async function startApi(t: TestContext, serve: Serve = echo, more: More = {}) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const { mayDo = async () => true, published = PUBLISHED } = more
  const authentication = new Authentication(log, authorities => listening.believeClientsOf(authorities))
  const metrics = createMetrics()
  const state = { isLeaving: false, isReady: true }
  const isReady = () => state.isReady
  const server = new ApiServer({
    ...{ authentication, metrics, log, mayDo, isReady },
    isLeaving: () => state.isLeaving,
    welcome: socket => listening.welcome(socket),
  })
  const turns = { ...API_LIMITS.turns, ...more.turns }
  const limits = { ...API_LIMITS, turns, ...(more.limits && { limits: more.limits }) }
  const listening = await listenTls(0, server.listener, { log, ...limits })
  t.after(() => listening.close(0))
  listening.useKeyPair(keyPair('kube'))
  if (published !== null) authentication.take(published)
  server.use([groupWith(serve)])
  const ask = (asked: Asked) => askOver(listening.port, asked)
  return { ...{ ask, authentication, lines, listening, metrics, server, state }, port: listening.port }
}

/** As a user of the front proxy, unless `asked` says otherwise. */
export function askOver(
  port: number,
  { path, method = 'GET', as = 'client', headers }: Asked,
  more: RequestOptions = {},
) {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const shown = as === null ? {} : { cert: pem(as), key: pem(`${as}-key`) }
  const all = { 'x-remote-user': 'jane', ...headers } as Record<string, string | string[]>
  const options = { host: '127.0.0.1', port, path, method, headers: all, agent: false, ...shown }
  const ca = [keyPair('kube').certificate, keyPair('webhook').certificate]
  const sent = request({ ...options, ca, ...more }, async response => {
    const text = Buffer.concat(await response.toArray()).toString()
    const json = /json/.test(String(response.headers['content-type'])) ? JSON.parse(text) : null
    resolve({ code: response.statusCode ?? 0, headers: response.headers, text, json })
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

async function echo(asked: ResourceRequest): Promise<void> {
  const { user, verb, namespace, name, subresource, rest, query, response } = asked
  const body = { user, verb, namespace, name, subresource, rest, query: Object.fromEntries(query) }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
