import { OperatorError } from '../crash/errors.ts'
import { inCluster } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { type Activity, goOnUntil } from '../serving/activities.ts'
import { apiServiceCaller } from '../serving/certificate/api-service-caller.ts'
import { followKeyPair } from '../serving/certificate/follow-key-pair.ts'
import type { KeyPair } from '../serving/certificate/key-pair.ts'
import { openPorts, type Ports } from '../serving/ports.ts'
import { stopSignal } from '../serving/stop-signal.ts'
import { takeKeyPair } from '../serving/take-key-pair.ts'
import { pause } from '../time/pause.ts'
import { API_KEY_FILES } from './key-files.ts'
import { API_LIMITS } from './limits.ts'
import type { Options } from './options.ts'
import { plainRoutes } from './plain-routes.ts'
import { type Pod, type Program, programOf } from './program.ts'
import { serveConfiguration } from './serve-configuration.ts'

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
