import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { OperatorError } from '../crash/errors.ts'
import { CrashIndex } from '../crash-index/crash-index.ts'
import { inCluster } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { Network } from '../network/network.ts'
import { type Activity, goOnUntil } from '../serving/activities.ts'
import { apiServiceCaller } from '../serving/certificate/api-service-caller.ts'
import { followKeyPair } from '../serving/certificate/follow-key-pair.ts'
import type { KeyPair } from '../serving/certificate/key-pair.ts'
import { followConfiguration } from '../serving/configuration.ts'
import { openLog } from '../serving/log.ts'
import { openPorts, type Ports } from '../serving/ports.ts'
import { stopSignal } from '../serving/stop-signal.ts'
import { takeKeyPair } from '../serving/take-key-pair.ts'
import { openStore } from '../storage/open-store.ts'
import { pause } from '../time/pause.ts'
import { AccessReviews } from './access-reviews.ts'
import { Authentication } from './authentication.ts'
import { type Capacity, capacity } from './capacity.ts'
import { clusterName } from './cluster-name.ts'
import { API_KEY_FILES } from './key-files.ts'
import { API_LIMITS } from './limits.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { Namespaces } from './namespaces.ts'
import type { Options } from './options.ts'
import { plainRoutes } from './plain-routes.ts'
import { servedGroups } from './resources.ts'
import { ApiServer } from './server.ts'
import { State } from './state.ts'

// The deployment gives thirty seconds. All nodes hear within the first few that the Service goes without us.
const FORGET_SECONDS = 5
const CLOSE_SECONDS = 20

/** The life of the server in its pod, until it is told to stop, or cannot go on. */
export async function runApi(options: Options): Promise<void> {
  const stop = stopSignal()
  const access = inCluster(process.env)
  if (access === null)
    throw new OperatorError(
      'Cannot serve: this is not a pod of Kubernetes',
      'Apply the manifests of coredog-api; outside of a cluster, `kubectl coredog --bucket` reads the store itself.',
    )
  const kube = new KubeClient(access)
  try {
    await live({ options, kube, namespace: (await namespaceOf(access)) ?? 'coredog-system' }, stop)
  } finally {
    await kube.close()
  }
}

interface Pod {
  readonly options: Options
  readonly kube: KubeClient
  readonly namespace: string
}

/** Everything is put together here. */
async function live(pod: Pod, stop: AbortSignal): Promise<void> {
  const ending = new AbortController()
  const program = programOf(pod)
  const { state, server, log } = program
  const ports = await portsOf(program)
  program.ports = ports
  try {
    await goOnUntil(stop, activitiesOf(program, ports), ending.signal)
    state.isLeaving = true
    log.info('api stops')
    await pause(FORGET_SECONDS, new AbortController().signal)
  } finally {
    ending.abort()
    server.endWatches()
    await ports.close(CLOSE_SECONDS)
  }
}

/** What all parts have in common. */
interface Program extends Pod {
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

function programOf(pod: Pod): Program {
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

function portsOf({ options: { port, metricsPort }, server, metrics, state, log }: Program): Promise<Ports> {
  const plain = plainRoutes(metrics, state)
  const starting = 'Starting api server'
  return openPorts({ port, metricsPort, tls: server.listener, plain, starting, log, ...API_LIMITS })
}

/** Everything that goes on until we are stopped, a line each. */
function activitiesOf(program: Program, ports: Ports): readonly Activity[] {
  const { options, kube, namespace, authentication, log } = program
  const callers = options.apiService.map(apiServiceCaller)
  const places = { ...options, usual: API_KEY_FILES, owner: 'coredog-api', callers }
  const onKeyPair = (pair: KeyPair) => takeKeyPair(pair, program, ports)
  return [
    signal => authentication.follow(kube, signal),
    signal => followKeyPair(places, { kube, namespace }, onKeyPair, log, signal),
    signal => serveConfiguration(program, signal),
  ]
}

async function serveConfiguration(program: Program, signal: AbortSignal): Promise<void> {
  const { options, kube, metrics, log } = program
  const found = await clusterName(kube, log, signal)
  const following = {
    configFolder: options.configDir,
    secretsFolder: options.secretsDir,
    onConfig: (config: Config) => takeConfiguration(config, found, program),
    onRefused: metrics.countRefusedConfiguration,
    log,
  }
  await followConfiguration(following, signal)
}

function takeConfiguration(config: Config, foundCluster: string, program: Program): void {
  const { options, capacity, kube, reviews, server, state, log } = program
  const { storage, network, cluster, symbols } = config
  const symbolFolders = symbols.flatMap(source => (source.kind === 'folder' ? [source.prefix] : []))
  const store = openStore(storage, { network: new Network(network) })
  store.prepare?.()
  const namespaces = new Namespaces(kube)
  const outside = {
    ...{ store, index: new CrashIndex(store), cluster: cluster ?? foundCluster, log },
    mayDo: reviews.mayDo.bind(reviews),
    namespaceCreated: namespaces.created.bind(namespaces),
  }
  server.use(servedGroups(outside, { detectorPaths: options.detectorPaths, capacity, symbolFolders }))
  state.hasStore = true
}
