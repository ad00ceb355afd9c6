import type { RequestListener } from 'node:http'
import type { Logger } from 'pino'
import type { KeyPair } from './certificate/key-pair.ts'
import { listenerOf, type Routes } from './listener.ts'
import type { Peer } from './newcomers.ts'
import { listenPlain, listenTls, type TlsOptions } from './server.ts'

interface PortsOptions extends Omit<TlsOptions, 'log'> {
  readonly port: number
  readonly metricsPort: number
  /** What is served over TLS, to the API server. */
  readonly tls: RequestListener
  /** What is served without, to Prometheus and the kubelet. */
  readonly plain: Routes
  /** What the log says of the first port: `Starting webhook server`. */
  readonly starting: string
  readonly log: Logger
}

/** The two ports of a server in a pod. */
export interface Ports {
  /** For connections from now on; until there is a pair, no handshake succeeds. */
  useKeyPair(pair: KeyPair): void
  /** Whose certificates clients may show, as PEM. */
  believeClientsOf(authorities: string): void
  /** Of a request over TLS: whoever sent it may stay, whatever others do. */
  welcome(socket: Peer): void
  /** Takes no new connections. Requests over TLS have `seconds` to end in, those without have none. */
  close(seconds: number): Promise<void>
}

/** Opens both. Rejects if one of them cannot be had, and then none is open. */
export async function openPorts({ plain, starting, log, ...options }: PortsOptions): Promise<Ports> {
  const { port, metricsPort, tls: listener, ...tlsOptions } = options
  const tls = await listenTls(port, listener, { log, ...tlsOptions })
  log.info(`${starting} on port ${tls.port}`)
  const metrics = await listenPlain(metricsPort, listenerOf(plain, { log })).catch(async error => {
    await tls.close(0)
    throw error
  })
  log.info({ port: metrics.port }, 'metrics served')
  return {
    useKeyPair: pair => tls.useKeyPair(pair),
    believeClientsOf: authorities => tls.believeClientsOf(authorities),
    welcome: socket => tls.welcome(socket),
    close: async seconds => void (await Promise.all([tls.close(seconds), metrics.close(0)])),
  }
}
