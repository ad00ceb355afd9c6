import type { Logger } from 'pino'
import type { KeyPair } from './certificate/key-pair.ts'
import { listenerOf, type Routes } from './listener.ts'
import type { Options } from './options.ts'
import { listenPlain, listenTls } from './server.ts'

interface PortsOptions extends Pick<Options, 'port' | 'metricsPort'> {
  /** What is served over TLS, to the API server. */
  readonly webhook: Routes
  /** What is served without, to Prometheus and the kubelet. */
  readonly plain: Routes
  /** While it is true, an answer over TLS ends its connection. */
  readonly isLeaving: () => boolean
  readonly log: Logger
}

/** The two ports that the webhook listens on. */
export interface Ports {
  /** For connections from now on; until there is a pair, no handshake succeeds. */
  useKeyPair(pair: KeyPair): void
  /** Takes no new connections. Requests over TLS have `seconds` to end in, those without have none. */
  close(seconds: number): Promise<void>
}

/** Opens both. Rejects if one of them cannot be had, and then none is open. */
export async function openPorts({
  webhook,
  plain,
  isLeaving,
  log,
  ...numbers
}: PortsOptions): Promise<Ports> {
  const tls = await listenTls(numbers.port, listenerOf(webhook, { log, isLeaving }), log)
  log.info(`Starting webhook server on port ${tls.port}`)
  const metrics = await listenPlain(numbers.metricsPort, listenerOf(plain, { log })).catch(async error => {
    await tls.close(0)
    throw error
  })
  log.info({ port: metrics.port }, 'metrics served')
  return {
    useKeyPair: pair => tls.useKeyPair(pair),
    close: async seconds => void (await Promise.all([tls.close(seconds), metrics.close(0)])),
  }
}
