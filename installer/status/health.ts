import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import type { NodeView } from '../../node-view/node-view.ts'
import type { PodView } from '../../node-view/pod-view.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/**
 * How this node is, for the kubelet and others that ask over HTTP. The reconcile loop keeps it; it is read at
 * each request.
 */
export interface Health {
  /** When the loop last came round; `null`: not yet. */
  readonly turnedAt: Date | null
  /** Why a crash now would not be collected; none: it would. */
  readonly problems: readonly string[]
}

interface HealthOptions {
  /** 0: any that is free. */
  readonly port: number
  readonly health: () => Health
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  readonly views: Views
  readonly now?: () => Date
}

/** What `kubectl coredog` asks for. Cheap, however often. */
export interface Views {
  node(): Promise<NodeView>
  /** `null`: no pod of this node. */
  pod(uid: string): Promise<PodView | null>
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

// The loop runs every ten seconds: six runs that did not come.
const ALIVE_WITHIN_MS = 60_000
const DEADLINE_MS = 5_000
const MOST_CONNECTIONS = 64

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/**
 * Answers `/metrics` for Prometheus, and the kubelet's probes: `/healthz`, whether the installer works, and
 * `/readyz`, whether a crash now would be collected;
 * and, for `kubectl coredog`, `/status.json` and `/pods/<uid>`. Rejects if the port cannot be had.
 */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const limits = {
    headersTimeout: DEADLINE_MS,
    requestTimeout: DEADLINE_MS,
    keepAliveTimeout: DEADLINE_MS,
    connectionsCheckingInterval: DEADLINE_MS,
    maxHeaderSize: 8 * 1024,
  }
  const server = createServer(limits, (request, response) => void respond(request, response, options))
  server.maxConnections = MOST_CONNECTIONS
  await listen(server, options.port)
  return { port: (server.address() as AddressInfo).port, close: () => close(server) }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthOptions,
): Promise<void> {
  const { status, body, type = 'text/plain; charset=utf-8' } = await answer(request, options)
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  // No request that we answer has a body: it is not waited for.
  if (!request.complete) response.once('finish', () => request.destroy())
}

async function answer({ method, url = '' }: IncomingMessage, options: HealthOptions): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'GET or HEAD only\n' }
  const { health, metrics, views, now = () => new Date() } = options
  const [path = ''] = url.split('?')
  const [, uid] = POD.exec(path) ?? []
  if (uid !== undefined) return viewAnswer(() => views.pod(uid))
  switch (path) {
    case '/metrics':
      return metricsAnswer(metrics)
    case '/healthz':
      return alive(health(), now())
    case '/readyz':
      return ready(health())
    case '/status.json':
      return viewAnswer(() => views.node())
    default:
      return { status: 404, body: 'There are /metrics, /healthz, /readyz, /status.json and /pods/UID\n' }
  }
}

/** A static pod goes by a hash of 32 digits. */
const POD = /^\/pods\/([0-9a-zA-Z-]{1,64})$/

async function viewAnswer(look: () => Promise<object | null>): Promise<Answer> {
  try {
    const view = await look()
    if (view === null) return { status: 404, body: 'No pod of this node has that uid\n' }
    return { status: 200, body: `${JSON.stringify(view)}\n`, type: 'application/json' }
  } catch (cause) {
    return { status: 500, body: `${messageOf(cause)}\n` }
  }
}

async function metricsAnswer({ text, contentType }: HealthOptions['metrics']): Promise<Answer> {
  try {
    return { status: 200, body: await text(), type: contentType }
  } catch (cause) {
    return { status: 500, body: `${messageOf(cause)}\n` }
  }
}

function alive({ turnedAt }: Health, now: Date): Answer {
  if (turnedAt === null) return { status: 503, body: 'the node was not looked at yet\n' }
  const seconds = Math.round((now.getTime() - turnedAt.getTime()) / 1000)
  return seconds * 1000 <= ALIVE_WITHIN_MS
    ? { status: 200, body: 'ok\n' }
    : { status: 503, body: `the node was last looked at ${seconds} seconds ago\n` }
}

function ready({ turnedAt, problems }: Health): Answer {
  const reasons = turnedAt === null ? ['the node was not looked at yet', ...problems] : problems
  return reasons.length === 0
    ? { status: 200, body: 'ok\n' }
    : { status: 503, body: reasons.map(reason => `${reason}\n`).join('') }
}

function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', cause =>
    reject(
      new OperatorError(
        `Cannot listen on port ${port}: ${messageOf(cause)}`,
        'Choose a free port with --port, and the same one in the probes of the DaemonSet.',
        cause,
      ),
    ),
  )
  server.listen(port, resolve)
  return promise
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  return promise
}
