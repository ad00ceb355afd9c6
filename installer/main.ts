import path from 'node:path'
import { isSea } from 'node:sea'
import { Command, InvalidArgumentError, Option } from 'commander'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { CONTAINER_NODES } from '../crash/our-pattern.ts'
import { VERSION } from '../crash/version.ts'
import { SERVICE_ACCOUNT_FOLDER } from '../kube/access.ts'
import { giveEachAddressTime } from '../network/connection-attempts.ts'
import { portNumber } from '../network/port-number.ts'
import type { CrashTest } from './crash-test.ts'
import { installNode } from './install-node.ts'
import { inspectHandlers } from './node/handler-binary.ts'
import { assertRoot, findHostRoot } from './node/host-root.ts'
import { restore } from './node/restore.ts'
import { runHere } from './node/run-on-host.ts'
import { assertMayWrite, SYSCTL_FOLDER } from './node/sysctl.ts'
import { captureModeOf, directoriesFor } from './node/wanted.ts'
import { isConfigured, nodeOf, type Options, openLog, placesOf, startingConfig } from './options.ts'
import { runNode } from './run-node.ts'

const EPILOGUE = `
In the cluster the DaemonSet starts \`run\`, privileged, with the root of the node mounted at /host.
On a machine itself: coredog-handler installer install --config-dir=DIR

Exit code 0: done. 1: it could not be done, and stderr says why and what to do.`

async function main(argv: readonly string[]): Promise<void> {
  giveEachAddressTime()
  const program = new Command('coredog-handler installer')
    .description('Sets a node up so that CoreDog gets every crash, keeps it so, and leaves it as it was.')
    .version(VERSION, '--version', 'print the version')
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('(coredog-handler installer --help tells more)')
  command(program, 'run', 'install, keep it right, and restore when CoreDog leaves the node', runNode)
  command(program, 'install', 'install once, and end', installNode).option(
    CONTAINER_NODES,
    'on a machine whose nodes are containers (kind, k3d, minikube): hand crashes in them to the handler there',
  )
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
  crashTestCommand(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    fail(error)
  }
}

function command(
  program: Command,
  name: CommandName,
  description: string,
  action: (options: Options) => Promise<void>,
): Command {
  const made = program.command(name).description(description)
  for (const [option, shownBy] of optionsOfAll())
    made.addOption(shownBy.includes(name) ? option : option.hideHelp())
  return made.action((given: Given) => {
    // People read what the others say, and a log what it says.
    if (name !== 'run') ignoreClosedReader()
    return action({ ...given, hostRoot: given.hostRoot ?? findHostRoot() })
  })
}

/** In the chart's test only: no node is looked at. */
function crashTestCommand(program: Command): void {
  program
    .command('crash-test')
    .description('crash in a pod, and wait for the Event that says what became of the core (`helm test`)')
    .addOption(new Option('--namespace <name>', 'where the pod is').env('POD_NAMESPACE').default('default'))
    .addOption(new Option('--pod-uid <uid>', 'which one it is').env('POD_UID').default(''))
    .addOption(
      new Option('--timeout-seconds <number>', 'how long to wait')
        .env('TIMEOUT_SECONDS')
        .argParser(seconds)
        .default(120),
    )
    .addOption(
      new Option('--service-account <dir>', 'where token and ca.crt are').default(SERVICE_ACCOUNT_FOLDER),
    )
    .addOption(new Option('--crash', 'be the process that crashes').hideHelp())
    .action(async (test: CrashTest) => (await import('./crash-test.ts')).crashTest(test))
}

type CommandName = 'run' | 'install' | 'restore' | 'status'
type Given = Omit<Options, 'hostRoot'> & Partial<Pick<Options, 'hostRoot'>>

const EACH = ['run', 'install', 'restore', 'status'] as const

/** Each command takes all of them, as ever, and its help shows those that mean something to it. */
function optionsOfAll(): readonly (readonly [Option, readonly CommandName[]])[] {
  return [
    [
      new Option(
        '--host-root <dir>',
        'where the root of the node is (default: "/host" where something is mounted there, else "/")',
      ),
      EACH,
    ],
    [
      new Option('--handler <file>', 'the handler to install').default(ownHandler(), 'this very program'),
      ['run', 'install'],
    ],
    [
      new Option(
        '--install-dir <dir>',
        'directory on the node for the handler (default: the first usual one that works)',
      ),
      EACH,
    ],
    [
      new Option(
        '--config-dir <dir>',
        'directory with coredog.yaml, and coredog-secrets.yaml if there is one',
      ),
      EACH,
    ],
    [new Option('--secrets-dir <dir>', 'directory with coredog-secrets.yaml, if it is another one'), EACH],
    [new Option('--node-name <name>', 'name of the node in Kubernetes').env('NODE_NAME'), ['run']],
    [new Option('--node-ip <address>', 'address of the node').env('NODE_IP'), ['run']],
    [
      new Option('--daemon-set <name>', 'name of our DaemonSet, which tells an update from an end').default(
        'coredog-installer',
      ),
      ['run'],
    ],
    [
      new Option('--port <number>', 'port of /metrics, /healthz, /readyz, /status.json and /pods')
        .argParser(portNumber)
        .default(9464),
      ['run'],
    ],
    [new Option('--proc-sys <dir>', 'where the settings of the kernel are').default(SYSCTL_FOLDER), []],
  ]
}

async function restoreNode(options: Options): Promise<void> {
  assertMayWrite(options.procSys, 'restore')
  const config = await startingConfig(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  await restore(node, directoriesFor(options.installDir ?? null))
  process.stdout.write('restored\n')
}

async function showStatus(options: Options & { readonly json?: boolean }): Promise<void> {
  const [{ readStatus, SELF_TEST_SECONDS }, { renderStatus }, { groupsHere }] = await Promise.all([
    import('./status/status.ts'),
    import('./status/status-table.ts'),
    import('./groups/groups-here.ts'),
  ])
  assertRoot(options.hostRoot)
  assertMayWrite(options.procSys, 'tell how CoreDog is')
  const config = await startingConfig(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  const directories = directoriesFor(options.installDir ?? null)
  const command = [path.resolve(options.handler), 'self-test', `--root=${node.host.root}`] as const
  const wanted = {
    way: captureModeOf(config),
    isConfigured: isConfigured(options),
    hostProcesses: config.collect.hostProcesses,
    selfTestHere: () => runHere(command, SELF_TEST_SECONDS),
    groups: () => groupsHere(node.host, config),
    config,
  }
  const status = await readStatus(node, inspectHandlers(node), directories, wanted, new Date())
  process.stdout.write(options.json === true ? `${JSON.stringify(status, null, 2)}\n` : renderStatus(status))
  if (status.problems.length > 0) process.exitCode = 1
}

/** We are a mode of it, once we are built. */
function ownHandler(): string {
  return isSea() ? process.execPath : path.resolve('dist/coredog-handler')
}

function seconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number of seconds.')
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
  process.exitCode = 1
}

// Not top-level await: the bundle may be CommonJS, as the handler's.
void main(process.argv.slice(2))
