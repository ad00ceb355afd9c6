import { Command, CommanderError } from 'commander'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { addDelete } from './commands/delete.ts'
import { addGet } from './commands/get.ts'
import { addGroups } from './commands/groups.ts'
import { addInfo } from './commands/info.ts'
import { addList } from './commands/list.ts'
import { addLog } from './commands/log.ts'
import { addMute } from './commands/mute.ts'
import { addReport } from './commands/report.ts'
import { addVersion } from './commands/version.ts'
import { addWatch } from './commands/watch.ts'
import { addCompletion } from './completion/completion-command.ts'
import { addDebug } from './debug/add-debug.ts'
import { addDoctor } from './doctor/doctor-command.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit.ts'
import { addGlobalOptions } from './options.ts'
import { addStatus } from './status/status-command.ts'
import { styleOf } from './terminal/style.ts'
import { addTest } from './test/test-command.ts'
import type { World } from './world.ts'

/** Adds one command: a file each. What it needs besides, it loads when it is called. */
export type AddCommand = (program: Command, world: World) => void

/** As `--help` has them. */
const COMMANDS: readonly AddCommand[] = [
  addList,
  addGroups,
  addInfo,
  addDebug,
  addGet,
  addLog,
  addReport,
  addWatch,
  addMute,
  addDelete,
  // Of nodes.
  addStatus,
  addDoctor,
  addTest,
  // Of the program.
  addCompletion,
  addVersion,
]

const EXAMPLES = `
Examples:
  kubectl coredog list -A --since 1h          what crashed in the last hour
  kubectl coredog info @latest                why the last one did
  kubectl coredog debug 3f2a9c01d4e5          its core in gdb, with its programs
  kubectl coredog get pod/web-0 -o web.core   the core of that pod's last crash
  kubectl coredog list --bucket s3://cores    the same without a cluster

A crash is named by its id as \`list\` shows it or as it begins, @latest, or pod/NAME.

Exit code 0: done. 1: it failed. 2: wrong usage. 3: there is no such crash. 4: you may not. 5: the core is not whole.`

/** By it a shell asks, and kubectl: the words behind it are none of ours to obey. */
const COMPLETE = '__complete'

async function completed(words: readonly string[], world: World): Promise<string> {
  const { complete } = await import('./completion/complete.ts')
  return await complete(programFor(world), words, world)
}

/** Runs one command, and resolves with the exit code. What goes wrong is said on stderr. */
export async function runProgram(argv: readonly string[], world: World): Promise<ExitCode> {
  try {
    if (argv[0] === COMPLETE) world.stdout.write(await completed(argv.slice(1), world))
    else await programFor(world).parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (!world.signal.aborted) world.stderr.write(complaint(error, world))
    return world.signal.aborted ? EXIT.error : exitCodeOf(error)
  }
}

export function programFor(world: World): Command {
  const program = new Command('kubectl coredog')
    .description('What crashed in the cluster, why, and its core in a debugger.')
    .version(VERSION, '--version', 'print the version')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: text => world.stdout.write(text),
      writeErr: text => world.stderr.write(text),
      getOutHelpWidth: () => world.stdout.columns ?? 100,
      getErrHelpWidth: () => world.stderr.columns ?? 100,
    })
    .showHelpAfterError('(kubectl coredog --help tells more)')
    .exitOverride()
  addGlobalOptions(program)
  for (const add of COMMANDS) add(program, world)
  return program
}

function complaint(error: unknown, { stderr, environment }: World): string {
  const { red } = styleOf(stderr, environment)
  const hint = error instanceof OperatorError ? `${error.hint}\n` : ''
  return `${red('error:')} ${messageOf(error)}\n${hint}`
}
