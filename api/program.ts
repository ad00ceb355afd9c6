import type { Logger } from 'pino'
import type { KubeClient } from '../kube/client.ts'
import { openLog } from '../serving/log.ts'
import type { Ports } from '../serving/ports.ts'
import { AccessReviews } from './access-reviews.ts'
import { Authentication } from './authentication.ts'
import { type Capacity, capacity } from './capacity.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Options } from './options.ts'
import { ApiServer } from './server.ts'
import { State } from './state.ts'

/** Where the program runs, and how it was called. */
export interface Pod {
  readonly options: Options
  readonly kube: KubeClient
  readonly namespace: string
}

/** What all parts have in common. */
export interface Program extends Pod {
  readonly state: State
  readonly metrics: Metrics
  readonly reviews: AccessReviews
  readonly authentication: Authentication
  readonly server: ApiServer
  readonly capacity: Capacity
  readonly log: Logger
  /** Before they are open, nobody can ask. */
  ports: Ports | null
}

export function programOf(pod: Pod): Program {
  const [log, state, metrics] = [openLog(), new State(), createMetrics()]
  const reviews = new AccessReviews(pod.kube)
  const authentication = new Authentication(log, pem => {
    program.ports?.believeClientsOf(pem)
    state.hasAuthentication = true
  })
  const server = new ApiServer({
    ...{ authentication, metrics, log },
    mayDo: (user, attributes) => reviews.mayDo(user, attributes),
    isReady: () => state.problems.length === 0,
    isLeaving: () => state.isLeaving,
    welcome: socket => program.ports?.welcome(socket),
  })
  const program: Program = {
    ...pod,
    capacity: capacity(),
    state,
    metrics,
    reviews,
    authentication,
    server,
    log,
    ports: null,
  }
  return program
}
