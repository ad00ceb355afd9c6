import { realpathSync } from 'node:fs'
import path from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { destination, type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import { parseDuration } from '../config/duration.ts'
import { parseConfig } from '../config/parse-config.ts'
import { readConfig } from '../config/read-config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { inspectHandlers, sha256Of } from './handler-binary.ts'
import { removeHeartbeat } from './heartbeat.ts'
import { Host } from './host.ts'
import { DEFAULT_PLACES, type Node, type Places } from './node.ts'
import { reconcile } from './reconcile.ts'
import { restore } from './restore.ts'
import { run } from './run.ts'
import { runOnHost } from './run-on-host.ts'
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
  /** Seconds. */
  readonly uninstallAfter: number
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
    .option('--port <number>', 'port of /metrics, /healthz and /readyz', port, 9465)
    .option(
      '--uninstall-after <time>',
      'how long the handler goes on without us; 0: for ever',
      seconds,
      86_400,
    )
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
  const config = await configOf(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stdout.fd))
  const directories = directoriesFor(options.installDir ?? null)
  const sha256 = await sha256Of(options.handler)
  await run(
    node,
    {
      bringing: { handlerFile: options.handler, inspect: inspectHandlers(node) },
      directories,
      wanted: () => wantedOf(sha256, directories, config.limits),
      uninstallAfterSeconds: options.uninstallAfter,
      now: () => new Date(),
      onForeignWrite: () => undefined,
      onHealth: () => undefined,
      activities: [],
      shouldRestore: async () => false,
    },
    stopSignal(),
  )
}

function nodeOf({ hostRoot, procSys }: Options, places: Places, log: Logger): Node {
  const host = new Host(hostRoot)
  return { host, sysctlFolder: procSys, places, runOnHost: runOnHost(host), log }
}

/** The new configuration if there is one, else what the node has, else the defaults: a node is set up all the same. */
async function configOf({ configDir, hostRoot }: Options): Promise<Config> {
  if (configDir !== undefined) return (await readConfig(path.join(configDir, CONFIG_FILE))).config
  const onNode = new Host(hostRoot).path(path.join(DEFAULT_PLACES.configFolder, CONFIG_FILE))
  const read = await readConfig(onNode).catch(() => parseConfig(DEFAULTS, { file: 'the defaults' }))
  return read.config
}

function placesOf({ paths }: Config): Places {
  return {
    configFolder: DEFAULT_PLACES.configFolder,
    stateFolder: paths.state,
    runFolder: paths.run,
    handlerLog: paths.log,
  }
}

const CONFIG_FILE = 'coredog.yaml'

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

function seconds(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new InvalidArgumentError('It is a time such as 24h or 90m.')
  return value
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
  process.exitCode = 1
}

// Not top-level await: the bundle may be CommonJS, as the handler's.
void main(process.argv.slice(2))
