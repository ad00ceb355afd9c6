import type { Logger } from 'pino'
import { checkKeyPair, type KeyPair, type Lifetime } from './certificate/key-pair.ts'
import type { Ports } from './ports.ts'

interface Server {
  readonly state: { hasKeyPair: boolean }
  readonly metrics: { readonly setCertificate: (lifetime: Lifetime) => void }
  readonly log: Logger
}

/** Has new connections meet `pair`. Throws an OperatorError for one that TLS could not use. */
export function takeKeyPair(
  pair: KeyPair,
  { state, metrics, log }: Server,
  ports: Pick<Ports, 'useKeyPair'>,
): void {
  metrics.setCertificate(checkKeyPair(pair, 'in use'))
  ports.useKeyPair(pair)
  state.hasKeyPair = true
  log.info('certificate taken')
}
