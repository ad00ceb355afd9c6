import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:http'
import { type Agent, request } from 'node:https'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import pino from 'pino'
import type { KeyPair } from '../../serving/certificate/key-pair.ts'
import { listenerOf } from '../../serving/listener.ts'
import { listenTls, type TlsListening } from '../../serving/server.ts'
import type { LabelledLevel } from '../../webhook/admission/mutate.ts'
import { BodyReader } from '../../webhook/body.ts'
import { createMetrics, type Metrics } from '../../webhook/metrics.ts'
import { webhookRoutes } from '../../webhook/routes.ts'

const FIXTURES = path.join(import.meta.dirname, '../fixtures')

/** The certificate of localhost in a folder of the fixtures: `kube`, or `webhook` for another one. */
export function keyPair(folder: 'kube' | 'webhook'): KeyPair {
  const read = (name: string) => readFileSync(path.join(FIXTURES, folder, name), 'utf8')
  return { certificate: read('certificate.pem'), key: read('key.pem') }
}

export interface Serving extends TlsListening {
  readonly metrics: Metrics
  /** Messages of the log. */
  readonly lines: string[]
  /** Pods that could not be read, with the reason. */
  readonly unread: string[]
  readonly state: { problems: readonly string[]; isLeaving: boolean }
  ask(asked?: Asked): Promise<Answered>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly agent?: Agent
}

export interface Answered {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, unknown>>
  /** Common name of the server's certificate. */
  readonly name: string
  readonly localPort: number
}

/** The webhook on a port of its own, over TLS, with what it asks others made up. */
export async function startServing(
  levelOf: (namespace: string) => Promise<LabelledLevel | null> = async () => 'privileged',
  limits?: ServerOptions,
): Promise<Serving> {
  const lines: string[] = []
  const unread: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) })
  const state = { problems: [] as readonly string[], isLeaving: false }
  const metrics = createMetrics()
  const outside = {
    bodies: new BodyReader(),
    settings: () => ({
      hostPath: true,
      dumpsDir: '/data/coredog-system/dumps',
      podSecurityDefault: 'baseline' as const,
    }),
    levelOf,
    metrics,
    onUnread: (pod: string, reason: string) => void unread.push(`${pod}: ${reason}`),
    log,
  }
  const listener = listenerOf(webhookRoutes(outside, state), { log, isLeaving: () => state.isLeaving })
  const listening = await listenTls(0, listener, { log, ...(limits && { limits }) })
  listening.useKeyPair(keyPair('kube'))
  const ask = (asked?: Asked) => askOver(listening.port, asked)
  return { ...listening, metrics, lines, unread, state, ask, [Symbol.asyncDispose]: () => listening.close(0) }
}

/** A request as an API server sends it, unless `asked` says otherwise. */
export function askOver(port: number, { method = 'POST', path = '/mutate', ...asked }: Asked = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const headers = { 'content-type': 'application/json', ...asked.headers }
  const ca = [keyPair('kube').certificate, keyPair('webhook').certificate]
  const options = { host: '127.0.0.1', port, method, path, headers, ca, agent: asked.agent ?? false }
  const sent = request(options, async response => {
    const socket = response.socket as TLSSocket // HTTPS
    const name = String(socket.getPeerCertificate().subject?.CN)
    const { localPort = 0 } = socket
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    resolve({ status: response.statusCode ?? 0, body, headers: response.headers, name, localPort })
  })
  sent.on('error', reject)
  sent.end(asked.body)
  return promise
}
