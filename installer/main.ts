import { realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { destination, type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/parse-config.ts'
import { CONFIG_FILE, readConfig, readConfigTexts } from '../config/read-config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { inCluster, type KubeAccess } from '../kube/access.ts'
import { KubeClient, namespaceOf } from '../kube/client.ts'
import { Announcer } from './announcer.ts'
import { activitiesOf } from './beside.ts'
import { type ConfigurationSource, DEFAULT_SOURCE } from './configuration.ts'
import { type DaemonSetName, OwnDaemonSet } from './daemonset.ts'
import { inspectHandlers, sha256Of } from './handler-binary.ts'
import { removeHeartbeat } from './heartbeat.ts'
import { Host } from './host.ts'
import { installConfiguration } from './host-configuration.ts'
import { createMetrics } from './metrics.ts'
import { DEFAULT_PLACES, type Node, type Places } from './node.ts'
import { reconcile } from './reconcile.ts'
import { restore } from './restore.ts'
import { run } from './run.ts'
import { runOnHost } from './run-on-host.ts'
import { readStatus } from './status.ts'
import { renderStatus } from './status-table.ts'
import { SYSCTL_FOLDER } from './sysctl.ts'
import { directoriesFor, wantedOf } from './wanted.ts'

/** What every command takes. */
export interface Options {
  readonly hostRoot: string
  readonly procSys: string
  readonly handler: string
  readonly installDir?: string
  readonly configDir?: string
  readonly nodeName?: string
  readonly port: number
  readonly nodeIp?: string
  readonly secretsDir?: string
  readonly daemonSet: string
  readonly json?: boolean
}

const EPILOGUE = `
In the cluster the DaemonSet starts \`run\`, privileged, with the root of the node mounted at /host.
On a node itself: coredog-installer install --host-root=/

Exit code 0: done. 1: it could not be done, and stderr says why and what to do.`

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('coredog-installer')
    .description('Sets a node up so that CoreDog gets every crash, keeps it so, and leaves it as it was.')
    .version(VERSION, '--version', 'print the version')
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('(coredog-installer --help tells more)')
  command(program, 'run', 'install, keep it right, and restore when CoreDog leaves the node', runNode)
  command(program, 'install', 'install once, and end', installNode)
  command(
    program,
    'restore',
    'put back the settings that were there before, and remove all that is ours',
    restoreNode,
  )
  command(program, 'status', 'tell how CoreDog is on this node', showStatus).option('--json', 'for programs')
  command(
    program,
    'status',
    'say how CoreDog is on this node; exit code 1 if something is wrong',
    statusOfNode,
  )
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    fail(error)
  }
}

function command(
  program: Command,
  name: string,
  description: string,
  action: (options: Options) => Promise<void>,
): Command {
  return program
    .command(name)
    .description(description)
    .option('--host-root <dir>', 'where the root of the node is mounted', '/host')
    .option('--handler <file>', 'the handler to install', besideProgram('coredog-handler'))
    .option(
      '--install-dir <dir>',
      'directory on the node for the handler (default: the first usual one that works)',
    )
    .option('--config-dir <dir>', 'directory with coredog.yaml, and coredog-secrets.yaml if there is one')
    .addOption(new Option('--node-name <name>', 'name of the node in Kubernetes').env('NODE_NAME'))
    .option('--secrets-dir <dir>', 'directory with coredog-secrets.yaml, if it is another one')
    .addOption(new Option('--node-ip <address>', 'address of the node').env('NODE_IP'))
    .option(
      '--daemon-set <name>',
      'name of our DaemonSet, which tells an update from an end',
      'coredog-installer',
    )
    .option('--port <number>', 'port of /metrics, /healthz and /readyz', port, 9464)
    .option('--json', 'of status: for programs')
    .addOption(
      new Option('--proc-sys <dir>', 'where the settings of the kernel are')
        .default(SYSCTL_FOLDER)
        .hideHelp(),
    )
    .action(action)
}

async function installNode(options: Options): Promise<void> {
  const config = await configOf(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  const directories = directoriesFor(options.installDir ?? null)
  const wanted = wantedOf(await sha256Of(options.handler), directories, config.limits)
  await bringConfiguration(node, options)
  // Nobody renews it, and an old one would make the handler leave.
  await removeHeartbeat(node)
  const bringing = { handlerFile: options.handler, inspect: inspectHandlers(node) }
  const { state, leftAlone } = await reconcile(node, wanted, bringing)
  if (leftAlone !== null) throw new OperatorError(`Cannot install: ${leftAlone.reason}`, leftAlone.hint)
  process.stdout.write(`installed: ${state.corePattern}\n`)
}

async function restoreNode(options: Options): Promise<void> {
  const config = await configOf(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  await restore(node, directoriesFor(options.installDir ?? null))
  process.stdout.write('restored\n')
}

async function showStatus(options: Options & { readonly json?: boolean }): Promise<void> {
  const [{ readStatus }, { renderStatus }] = await Promise.all([
    import('./status.ts'),
    import('./status-table.ts'),
  ])
  const node = nodeOf(options, placesOf(await configOf(options)), openLog(process.stderr.fd))
  const directories = directoriesFor(options.installDir ?? null)
  const status = await readStatus(node, inspectHandlers(node), directories, new Date())
  const text = options.json === true ? `${JSON.stringify(status, null, 2)}\n` : renderStatus(status)
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  if (status.problems.length > 0) process.exitCode = 1
}

async function runNode(options: Options): Promise<void> {
  const stop = stopSignal()
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
  const activities = activitiesOf({
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
  // Before the node has a configuration, whoever was there before us does better with a crash.
  const beat = setInterval(() => Object.assign(current, { turnedAt: new Date() }), 1000)
  await configured.promise
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
      activities: [() => Promise.all(activities).then(() => undefined)],
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

async function statusOfNode(options: Options): Promise<void> {
  const node = nodeOf(options, placesOf(await startingConfig(options)), openLog(process.stderr.fd))
  const status = await readStatus(
    node,
    inspectHandlers(node),
    directoriesFor(options.installDir ?? null),
    new Date(),
  )
  process.stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : renderStatus(status))
  if (status.problems.length > 0) process.exitCode = 1
}

function sourceOf({ configDir, secretsDir }: Options): ConfigurationSource {
  const configFolder = configDir ?? DEFAULT_SOURCE.configFolder
  return { configFolder, secretsFolder: secretsDir ?? DEFAULT_SOURCE.secretsFolder }
}

async function daemonSetOf({ daemonSet }: Options, access: KubeAccess): Promise<DaemonSetName> {
  return { namespace: (await namespaceOf(access)) ?? 'coredog-system', name: daemonSet }
}

function nodeOf({ hostRoot, procSys }: Options, places: Places, log: Logger): Node {
  const host = new Host(hostRoot)
  return { host, sysctlFolder: procSys, places, runOnHost: runOnHost(host), log }
}

/** What is to be installed: an error in it ends the command. Without one, what the node has, or the defaults. */
async function configOf(options: Options): Promise<Config> {
  if (options.configDir === undefined) return startingConfig(options)
  return (await readConfig(path.join(options.configDir, CONFIG_FILE))).config
}

/** The new configuration if it can be used, else what the node has, else the defaults: to begin with, any will do. */
async function startingConfig({ configDir, hostRoot }: Options): Promise<Config> {
  const onNode = new Host(hostRoot).path(path.join(DEFAULT_PLACES.configFolder, CONFIG_FILE))
  for (const file of [...(configDir === undefined ? [] : [path.join(configDir, CONFIG_FILE)]), onNode]) {
    const read = await readConfig(file).catch(() => null)
    if (read !== null) return read.config
  }
  return parseConfig(DEFAULTS, { file: 'the defaults' }).config
}

function placesOf({ paths }: Config): Places {
  return {
    configFolder: DEFAULT_PLACES.configFolder,
    stateFolder: paths.state,
    runFolder: paths.run,
    handlerLog: paths.log,
  }
}

/** Any store: only what is no store's is read of it. */
const DEFAULTS = 'StorageConfig: {protocol: cfs, CFSMountPath: /}'

function openLog(fd: number): Logger {
  const options = { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return pino(options, destination({ fd, sync: true }))
}

/** Aborted when the kubelet, or a person, wants us to end. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(name))
  return stop.signal
}

function besideProgram(name: string): string {
  return path.join(path.dirname(realpathSync(process.argv[1] ?? '.')), name)
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It is a number from 0 to 65535.')
  return value
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
  process.exitCode = 1
}

// Not top-level await: the bundle may be CommonJS, as the handler's.
void main(process.argv.slice(2))
