import { hostname } from 'node:os'
import { inCluster, type KubeAccess } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { Announcer } from './announcer.ts'
import { activitiesOf } from './beside.ts'
import { type ConfigurationSource, DEFAULT_SOURCE } from './configuration.ts'
import { type DaemonSetName, OwnDaemonSet } from './daemonset.ts'
import { inspectHandlers, sha256Of } from './handler-binary.ts'
import { createMetrics } from './metrics.ts'
import { nodeOf, type Options, openLog, placesOf, startingConfig } from './options.ts'
import { run } from './run.ts'
import { directoriesFor, wantedOf } from './wanted.ts'

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
  const first = await startingConfig(options)
  const node = nodeOf(options, placesOf(first), log)
  const nodeName = options.nodeName ?? hostname()
  const access = inCluster(process.env)
  const kube = access === null ? null : new KubeClient(access)
  const metrics = createMetrics(nodeName)
  const announcer = new Announcer(kube, nodeName, log)
  const leaving =
    kube === null || access === null ? null : new OwnDaemonSet(kube, await daemonSetOf(options, access))
  // Asked once while all is well: a later refusal can then be told from a right that was never there.
  await leaving?.isLeaving()

  const configured = Promise.withResolvers<void>()
  stop.addEventListener('abort', () => configured.resolve(), { once: true })
  const current = {
    config: first,
    turnedAt: null as Date | null,
    problems: ['no valid configuration yet'] as readonly string[],
  }
  const beside = activitiesOf({
    node,
    handedNode: { name: nodeName, ...(options.nodeIp !== undefined && { ip: options.nodeIp }) },
    kube,
    metrics,
    announcer,
    source: sourceOf(options),
    port: options.port,
    health: () => current,
    onConfig: config => {
      current.config = config
      configured.resolve()
    },
  }).map(start => start(stop))
  const besides = Promise.all(beside).then(() => undefined)
  // Before the node has a configuration, whoever was there before us does better with a crash.
  const beat = setInterval(() => Object.assign(current, { turnedAt: new Date() }), 1000)
  await Promise.race([configured.promise, besides])
  clearInterval(beat)

  const directories = directoriesFor(options.installDir ?? null)
  const sha256 = await sha256Of(options.handler)
  await run(
    node,
    {
      bringing: { handlerFile: options.handler, inspect: inspectHandlers(node) },
      directories,
      wanted: () => wantedOf(sha256, directories, current.config.limits),
      uninstallAfterSeconds: () => current.config.uninstallAfterSeconds,
      now: () => new Date(),
      onForeignWrite: ({ writer, found, givenUp }) => {
        metrics.countDrift()
        announcer.announceNode('ForeignCorePattern', foreignNote(writer, found.corePattern, givenUp))
      },
      onHealth: health => {
        metrics.setInstalled(health.ready)
        current.turnedAt = new Date()
        current.problems = health.ready ? [] : [`${health.reason}. ${health.hint ?? ''}`.trim()]
      },
      activities: [() => besides],
      shouldRestore: async () => (await leaving?.isLeaving()) ?? false,
    },
    stop,
  )
  await announcer.quiet()
  await kube?.close()
}

function foreignNote(writer: string, corePattern: string, givenUp: boolean): string {
  const what = `${writer} set core_pattern to "${corePattern}" after CoreDog had set it`
  return givenUp
    ? `${what}, again and again, so it is left alone: crashes on this node are not collected.`
    : `${what}; it was set again.`
}

function sourceOf({ configDir, secretsDir }: Options): ConfigurationSource {
  const configFolder = configDir ?? DEFAULT_SOURCE.configFolder
  return { configFolder, secretsFolder: secretsDir ?? DEFAULT_SOURCE.secretsFolder }
}

async function daemonSetOf({ daemonSet }: Options, access: KubeAccess): Promise<DaemonSetName> {
  return { namespace: (await namespaceOf(access)) ?? 'coredog-system', name: daemonSet }
}
