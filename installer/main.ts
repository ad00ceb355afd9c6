import { realpathSync } from 'node:fs'
import path from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { CONFIG_FILE, readConfigTexts } from '../config/read-config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { inspectHandlers, sha256Of } from './handler-binary.ts'
import { removeHeartbeat } from './heartbeat.ts'
import { installConfiguration } from './host-configuration.ts'
import type { Node } from './node.ts'
import { configOf, nodeOf, type Options, openLog, placesOf, startingConfig } from './options.ts'
import { reconcile } from './reconcile.ts'
import { restore } from './restore.ts'
import { runNode } from './run-node.ts'
import { SYSCTL_FOLDER } from './sysctl.ts'
import { directoriesFor, wantedOf, wayOf } from './wanted.ts'

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
  command(
    program,
    'status',
    'tell how CoreDog is on this node; exit code 1 if something is wrong',
    showStatus,
  ).option('--json', 'for programs')
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
  const wanted = wantedOf(await sha256Of(options.handler), directories, config)
  await bringConfiguration(node, options)
  // Nobody renews it, and an old one would make the handler leave.
  await removeHeartbeat(node)
  const bringing = { handlerFile: options.handler, inspect: inspectHandlers(node) }
  const { state, leftAlone } = await reconcile(node, wanted, bringing)
  if (leftAlone !== null) throw new OperatorError(`Cannot install: ${leftAlone.reason}`, leftAlone.hint)
  process.stdout.write(`installed: ${state.corePattern}\n`)
}

async function bringConfiguration(
  { host, places }: Node,
  { configDir, secretsDir = configDir }: Options,
): Promise<void> {
  if (configDir === undefined) return
  await installConfiguration(
    host.path(places.configFolder),
    await readConfigTexts(path.join(configDir, CONFIG_FILE), secretsDir),
  )
}

async function restoreNode(options: Options): Promise<void> {
  const config = await startingConfig(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  await restore(node, directoriesFor(options.installDir ?? null))
  process.stdout.write('restored\n')
}

async function showStatus(options: Options & { readonly json?: boolean }): Promise<void> {
  const [{ readStatus }, { renderStatus }] = await Promise.all([
    import('./status.ts'),
    import('./status-table.ts'),
  ])
  const config = await startingConfig(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  const directories = directoriesFor(options.installDir ?? null)
  const status = await readStatus(node, inspectHandlers(node), directories, wayOf(config), new Date())
  process.stdout.write(options.json === true ? `${JSON.stringify(status, null, 2)}\n` : renderStatus(status))
  if (status.problems.length > 0) process.exitCode = 1
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
