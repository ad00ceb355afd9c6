import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import path from 'node:path'
import { inCluster } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { Lease } from '../kube/lease.ts'
import { activitiesOf } from './background-tasks.ts'
import { tellLast } from './groups/tell-last.ts'
import { Membership } from './membership.ts'
import { broughtBy, inspectHandlers } from './node/handler-binary.ts'
import { HostCoreFileWarning } from './node/host-core-file-warning.ts'
import { MachineWarning } from './node/machine-warning.ts'
import type { Node } from './node/node.ts'
import { type Outcome, runHere } from './node/run-on-host.ts'
import { directoriesFor, wantedOf } from './node/wanted.ts'
import type { ForeignWrite } from './node/watch-node.ts'
import { NodeStanding } from './node-standing.ts'
import { nodeOf, type Options, openLog, placesOf, startingConfig } from './options.ts'
import { type Running, run } from './run.ts'
import { NodeViews } from './status/node-views.ts'
import { SELF_TEST_SECONDS } from './status/status.ts'
import { type ConfigurationSource, DEFAULT_SOURCE } from './supply/configuration.ts'
import { PodBook } from './supply/pod-book.ts'
import { EventOutbox } from './telemetry/event-outbox.ts'
import { EventRecorder } from './telemetry/event-recorder.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'

/** As the Role of the manifests has it. */
const UPKEEP_LEASE = 'coredog-upkeep'

/** The installer's life in its pod, until it is told to stop, or cannot go on. */
export async function runNode(options: Options): Promise<void> {
  const ending = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => ending.abort(name))
  try {
    await live(options, ending.signal)
  } finally {
    ending.abort()
  }
}

/** Everything is put together here. */
async function live(options: Options, stop: AbortSignal): Promise<void> {
  const log = openLog(process.stdout.fd)
  const nodeName = options.nodeName ?? hostname()
  const { kube, lease, isLeaving } = await enterCluster(options, nodeName, stop)
  const standing = new NodeStanding(await startingConfig(options))
  const node = nodeOf(options, placesOf(standing.config), log)
  const outbox = new EventOutbox(node.host.path(path.posix.join(node.places.stateFolder, 'events')), log)
  const recorder = new EventRecorder(kube, nodeName, log, outbox)
  const telemetry: Telemetry = { metrics: createMetrics(nodeName), recorder }
  telemetry.metrics.showNamespaces(standing.config.metrics.namespaces)
  telemetry.metrics.showHolder(() => lease !== null && lease.held !== null)

  const book = new PodBook(Date.now)
  const views = new NodeViews({ node, nodeName, standing, book, selfTestHere: selfTestOf(options, node) })

  const activities = activitiesOf({
    ...telemetry,
    book,
    views,
    node,
    kube,
    lease,
    handoffNode: { name: nodeName, ...(options.nodeIp !== undefined && { ip: options.nodeIp }) },
    source: sourceOf(options),
    port: options.port,
    handler: options.handler,
    env: process.env,
    health: () => standing,
    config: () => standing.config,
    onConfig: config => {
      standing.take(config)
      telemetry.metrics.setCluster(standing.clusterName)
      telemetry.metrics.showNamespaces(config.metrics.namespaces)
    },
    onCluster: id => {
      standing.setClusterId(id)
      telemetry.metrics.setCluster(standing.clusterName)
    },
    onApi: isThere => {
      standing.hasApi = isThere
    },
    hasApi: () => standing.hasApi,
    cluster: () => standing.clusterName,
    clusterNames: () => standing.clusterNames,
    onRefused: refusal => standing.refuse(refusal),
  })
  const upkeep = await upkeepOf(options, node, standing, telemetry)
  const begin = async () => {
    await standing.configured(stop)
    await standing.named()
  }
  const beforeRestore = async () => {
    const { taken: config, hasApi } = standing
    const reach = { host: node.host, metrics: telemetry.metrics, env: process.env, hasApi: () => hasApi, log }
    if (config !== null) await tellLast({ ...reach, config, nodeName })
  }
  const running = { ...upkeep, begin, beforeRestore, activities, shouldRestore: isLeaving }
  const end = await run(node, running, stop)
  await telemetry.recorder.quiet(end)
  await kube?.close()
}

/** Of our own container's handler, which reads core files. */
function selfTestOf({ handler }: Options, { host }: Node): () => Promise<Outcome> {
  const command = [path.resolve(handler), 'self-test', `--root=${host.root}`] as const
  return () => runHere(command, SELF_TEST_SECONDS)
}

/** Whom everything tells. */
interface Telemetry {
  readonly metrics: Metrics
  readonly recorder: EventRecorder
}

/** How the node is kept right, by whatever configuration is in force then. */
async function upkeepOf(
  { handler, installDir }: Options,
  node: Node,
  standing: NodeStanding,
  { metrics, recorder }: Telemetry,
): Promise<Omit<Running, 'begin' | 'beforeRestore' | 'activities' | 'shouldRestore'>> {
  const directories = directoriesFor(installDir ?? null)
  const brought = await broughtBy(handler)
  const machine = new MachineWarning(note => recorder.recordNodeEvent('MachineHandlerMissing', note))
  const hostCoreFiles = new HostCoreFileWarning(node.log)
  return {
    bringing: { handlerFile: handler, inspect: inspectHandlers(node) },
    directories,
    wanted: () => wantedOf(brought, directories, standing.config),
    uninstallAfterSeconds: () => standing.config.uninstallAfterSeconds,
    now: () => new Date(),
    onForeignWrite: write => {
      metrics.countDrift()
      recorder.recordNodeEvent('ForeignCorePattern', foreignNote(write))
    },
    onHealth: health => {
      metrics.setInstalled(health.ready)
      standing.turn(health)
      machine.look(health)
      if (health.ready) hostCoreFiles.look(standing.config, health.round.state.original)
    },
  }
}

interface Cluster {
  readonly kube: KubeClient | null
  readonly lease: Lease | null
  readonly isLeaving: () => Promise<boolean>
}

/** Outside of a cluster there is no API server to say that we leave it. */
async function enterCluster({ daemonSet }: Options, node: string, stop: AbortSignal): Promise<Cluster> {
  const access = inCluster(process.env)
  if (access === null) return { kube: null, lease: null, isLeaving: async () => false }
  const kube = new KubeClient(access)
  const namespace = (await namespaceOf(access)) ?? 'coredog-system'
  const own = new Membership(kube, { namespace, daemonSet, node })
  void own.begin(stop) // for the end alone: the node is not to wait for it
  const lease = new Lease(kube, { namespace, name: UPKEEP_LEASE, holder: `${node}_${randomUUID()}` })
  return { kube, lease, isLeaving: () => own.isLeaving() }
}

function foreignNote({ writer, found, givenUp }: ForeignWrite): string {
  const what = `${writer} set core_pattern to "${found.corePattern}" after CoreDog had set it`
  return givenUp
    ? `${what}, again and again, so it is left alone: crashes on this node are not collected.`
    : `${what}; it was set again.`
}

function sourceOf({ configDir, secretsDir }: Options): ConfigurationSource {
  const configFolder = configDir ?? DEFAULT_SOURCE.configFolder
  return { configFolder, secretsFolder: secretsDir ?? DEFAULT_SOURCE.secretsFolder }
}
