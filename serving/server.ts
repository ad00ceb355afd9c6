import type { RequestListener, Server, ServerOptions } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from 'pino'
import { messageOf, OperatorError } from '../crash/errors.ts'
import type { KeyPair } from './certificate/key-pair.ts'
import type { Peer } from './newcomers.ts'
import { ServerContext } from './server-context.ts'
import { beginInTurns, type Turns } from './turns.ts'

interface Listening {
  readonly port: number
  /** Takes no new connections, lets requests under way end, and breaks off what is left after `seconds`. */
  close(seconds: number): Promise<void>
}

export interface TlsListening extends Listening {
  /** For connections from now on; those that are open keep theirs. */
  useKeyPair(pair: KeyPair): void
  /** Whose certificates clients may show, as PEM, from now on. Until it is called, nobody's. */
  believeClientsOf(authorities: string): void
  /** Of a request: whoever sent it may stay. */
  welcome(socket: Peer): void
}

/** How a server ends what does not end by itself. */
export interface TlsLimits {
  readonly limits?: ServerOptions
  /** A connection that nothing goes over for so long is closed; 0: only between requests. */
  readonly idleMs?: number
  readonly mostConnections?: number
  /** Absent: all connections begin at once. */
  readonly turns?: Turns
}

export interface TlsOptions extends TlsLimits {
  readonly log: Logger
  /** Whether clients are asked for a certificate. One without, or with a wrong one, gets in all the same. */
  readonly asksClients?: boolean
}

const DEADLINE_MS = 10_000
const LIMITS = {
  headersTimeout: DEADLINE_MS,
  requestTimeout: DEADLINE_MS,
  connectionsCheckingInterval: 1000,
  // An API server forgets an idle connection after 90 s; should we do so first, a request may meet the
  // closing.
  keepAliveTimeout: 120_000,
  maxHeaderSize: 16 * 1024,
}
const MOST_CONNECTIONS = 1024
const TLS = { minVersion: 'TLSv1.2', handshakeTimeout: DEADLINE_MS } as const

/**
 * Serves `listener` over TLS, as soon as there is a key pair: until then, no handshake succeeds. HTTP/1.1
 * alone, because API servers speak nothing else to webhooks (https://issue.k8s.io/75791). Rejects if the port
 * cannot be had.
 */
export async function listenTls(
  port: number,
  listener: RequestListener,
  { log, limits = LIMITS, asksClients = false, turns, ...more }: TlsOptions,
): Promise<TlsListening> {
  const asking = { requestCert: asksClients, rejectUnauthorized: false }
  const server = createServer({ ...limits, ...TLS, ...asking }, listener)
  const newcomers = turns && beginInTurns(server, turns)
  server.on('tlsClientError', err => log.debug({ err }, 'handshake failed'))
  const listening = await listen(server, port, '--port', more)
  const context = new ServerContext(server, TLS.minVersion)
  return {
    ...listening,
    useKeyPair: pair => context.useKeyPair(pair),
    believeClientsOf: authorities => context.believeClientsOf(authorities),
    welcome: socket => newcomers?.welcome(socket),
  }
}

/** Serves `listener` without TLS: for Prometheus and probes. Rejects if the port cannot be had. */
export function listenPlain(port: number, listener: RequestListener): Promise<Listening> {
  return listen(createHttpServer(LIMITS, listener), port, '--metrics-port', {})
}

async function listen(
  server: Server,
  port: number,
  option: string,
  { idleMs = DEADLINE_MS, mostConnections = MOST_CONNECTIONS }: TlsLimits,
): Promise<Listening> {
  server.timeout = idleMs
  server.maxConnections = mostConnections
  const open = openTo(server)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', cause =>
    reject(
      new OperatorError(
        `Cannot listen on port ${port}: ${messageOf(cause)}`,
        `Choose a free port with ${option}, and the same one in the Deployment.`,
        cause,
      ),
    ),
  )
  server.listen(port, resolve)
  await promise
  return {
    port: (server.address() as AddressInfo).port, // listens on TCP
    close: seconds => close(server, open, seconds),
  }
}

/** All connections: those that say nothing, or are still in their handshake, HTTP does not know. */
function openTo(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return open
}

async function close(server: Server, open: ReadonlySet<Socket>, seconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const deadline = setTimeout(() => {
    for (const socket of open) socket.destroy()
  }, seconds * 1000)
  await promise
  clearTimeout(deadline)
}
