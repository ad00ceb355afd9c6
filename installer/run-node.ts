import { hostname } from 'node:os'
import path from 'node:path'
import type { Config } from '../config/config.ts'
import type { Refusal } from '../handoff/run-folder.ts'
import { inCluster } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { activitiesOf } from './background-tasks.ts'
import { Membership } from './membership.ts'
import { inspectHandlers, sha256Of } from './node/handler-binary.ts'
import { lostHostCoreFiles } from './node/host-core-files.ts'
import type { Node } from './node/node.ts'
import { captureModeOf, directoriesFor, wantedOf } from './node/wanted.ts'
import type { ForeignWrite, NodeHealth } from './node/watch-node.ts'
import { nodeOf, type Options, openLog, placesOf, startingConfig } from './options.ts'
import { type Running, run } from './run.ts'
import type { Health } from './status/health.ts'
import { type ConfigurationSource, DEFAULT_SOURCE } from './supply/configuration.ts'
import { EventOutbox } from './telemetry/event-outbox.ts'
import { EventRecorder } from './telemetry/event-recorder.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'

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
  const { kube, isLeaving } = await enterCluster(options, nodeName, stop)
  const standing = new NodeStanding(await startingConfig(options))
  const node = nodeOf(options, placesOf(standing.config), log)
  const outbox = new EventOutbox(node.host.path(path.posix.join(node.places.stateFolder, 'events')), log)
  const recorder = new EventRecorder(kube, nodeName, log, outbox)
  const telemetry: Telemetry = { metrics: createMetrics(nodeName), recorder }

  const activities = activitiesOf({
    ...telemetry,
    node,
    kube,
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
    },
    onCluster: id => {
      standing.clusterId = id
      telemetry.metrics.setCluster(standing.clusterName)
    },
    clusterNames: () => standing.clusterNames,
    onRefused: refusal => standing.refuse(refusal),
  })
  const beside = Promise.all(activities.map(start => start(stop))).then(() => undefined)
  await Promise.race([standing.configured(stop), beside])

  const end = await run(
    node,
    {
      ...(await upkeepOf(options, node, standing, telemetry)),
      activities: [() => beside],
      shouldRestore: isLeaving,
    },
    stop,
  )
  await telemetry.recorder.quiet(end)
  await kube?.close()
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
): Promise<Omit<Running, 'activities' | 'shouldRestore'>> {
  const directories = directoriesFor(installDir ?? null)
  const sha256 = await sha256Of(handler)
  let lastWarning: string | undefined
  const warnOfHostCoreFiles = (...state: Parameters<typeof lostHostCoreFiles>) => {
    const lost = lostHostCoreFiles(...state)
    if (lost !== null && lost.what !== lastWarning) node.log.warn({ hint: lost.hint }, lost.what)
    lastWarning = lost?.what
  }
  return {
    bringing: { handlerFile: handler, inspect: inspectHandlers(node) },
    directories,
    wanted: () => wantedOf(sha256, directories, standing.config),
    uninstallAfterSeconds: () => standing.config.uninstallAfterSeconds,
    now: () => new Date(),
    onForeignWrite: write => {
      metrics.countDrift()
      recorder.recordNodeEvent('ForeignCorePattern', foreignNote(write))
    },
    onHealth: health => {
      metrics.setInstalled(health.ready)
      standing.turn(health)
      if (health.ready)
        warnOfHostCoreFiles(
          standing.config.collect,
          health.round.state.original,
          captureModeOf(standing.config),
        )
    },
  }
}

/** The configuration in force, and how the node is. */
class NodeStanding implements Health {
  config: Config
  turnedAt: Date | null = null
  clusterId: string | null = null
  #problems: readonly string[] = ['no valid configuration has been there yet']
  #refusal: Refusal | null = null
  readonly #configured = Promise.withResolvers<void>()

  constructor(config: Config) {
    this.config = config
  }

  take(config: Config): void {
    this.config = config
    this.#configured.resolve()
  }

  get clusterName(): string | null {
    return this.config.cluster ?? this.clusterId
  }

  /** A crash that was stored before the cluster was given a name is its own, too. */
  get clusterNames(): readonly string[] {
    return [this.config.cluster, this.clusterId].filter(name => name !== null)
  }

  refuse(refusal: Refusal | null): void {
    this.#refusal = refusal
  }

  /** First that the configuration is refused: what else is wrong may follow from it. */
  get problems(): readonly string[] {
    if (this.#refusal === null) return this.#problems
    const { reason, hint } = this.#refusal
    return [`configuration refused: ${reason}. ${hint}`, ...this.#problems]
  }

  turn(health: NodeHealth): void {
    this.turnedAt = new Date()
    this.#problems = health.ready ? [] : [`${health.reason}. ${health.hint ?? ''}`.trim()]
  }

  /**
   * Resolves once the node has a configuration, or `stop` is aborted. Until then the node is left alone: the
   * program that was there before us does better with a crash. We are alive meanwhile, and not ready.
   */
  async configured(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.#configured.resolve(), { once: true })
    const beat = setInterval(() => {
      this.turnedAt = new Date()
    }, 1000)
    await this.#configured.promise
    clearInterval(beat)
  }
}

interface Cluster {
  readonly kube: KubeClient | null
  readonly isLeaving: () => Promise<boolean>
}

/** Outside of a cluster there is no API server to say that we leave it. */
async function enterCluster({ daemonSet }: Options, node: string, stop: AbortSignal): Promise<Cluster> {
  const access = inCluster(process.env)
  if (access === null) return { kube: null, isLeaving: async () => false }
  const kube = new KubeClient(access)
  const namespace = (await namespaceOf(access)) ?? 'coredog-system'
  const own = new Membership(kube, { namespace, daemonSet, node })
  void own.begin(stop) // for the end alone: the node is not to wait for it
  return { kube, isLeaving: () => own.isLeaving() }
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
