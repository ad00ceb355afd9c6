import path from 'node:path'
import { Command } from 'commander'
import { pino } from 'pino'
import { readConfig } from '../../config/read-config.ts'
import { ignoreClosedReader } from '../../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { CORE_PATTERN_ARGS } from '../../crash/kernel-args.ts'
import { VERSION } from '../../crash/version.ts'
import { connect } from '../connect.ts'
import { NO_ALLOWANCE } from '../core/allowance.ts'
import { answerForFile, type CollectFileOptions } from '../from-file/answer-for-file.ts'
import type { Check } from './check.ts'
import { addLifecycleCommand } from './lifecycle-command.ts'
import { addReindexCommand } from './reindex-command.ts'
import { type Replayed, replay } from './replay.ts'
import { selfTest } from './self-test.ts'
import { addSymbolsCommand } from './symbols-command.ts'

const EPILOGUE = `
The kernel starts it for every crash, by this line in /proc/sys/kernel/core_pattern:
  |/usr/local/bin/coredog-handler ${CORE_PATTERN_ARGS}
With --config=FILE as the first argument another configuration than /etc/coredog/coredog.yaml is used.
The outcome of every crash is a JSON line in /var/log/coredog/handler.log.`

const REPLAY_EPILOGUE = `
Whose it was is not known any more, so it is kept under _unverified/<node>/. Of a core that comes through a pipe there
is a file without a name in TMPDIR meanwhile.

Example:
  gunzip -c core.gz | coredog-handler replay --sysroot=/mnt/image -`

const COLLECT_FILE_EPILOGUE = `
The installer calls it for each file that it finds in the dumps directory, where there is no kernel pipe. On stdout
comes one line of JSON: {"outcome": "stored" | "suppressed" | "skipped" | "refused" | "failed", "report", "reason", "hint"}.
Exit code: 0 dealt with (stored, suppressed, skipped), 1 failed: try again later, 2 refused: it is no core. The file is
left as it is.

Example:
  coredog-handler collect-file --namespace=shop --pod=web-0 --container=app --id=0123456789ab \\
    --path=shop/web-0/app/core.app.7.web-0.1763700000 < /data/coredog-system/dumps/shop/web-0/app/core.app.7.web-0.1763700000`

/** What people, and the installer, call the handler for. Sets process.exitCode: 0 when all is well. */
export async function runCommand(argv: readonly string[], configFile: string): Promise<void> {
  const program = new Command('coredog-handler')
    .description(
      'Takes the core of a crashed process from the kernel, keeps it in your store, and tells your chat.',
    )
    .version(VERSION, '--version', 'print the version')
    .option('--config <file>', 'the configuration', configFile)
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('(coredog-handler --help tells more)')
  program
    .command('self-test')
    .description('check the configuration, the store (one object is written and removed) and the channels')
    .option('--send', 'send a test message to every channel')
    .option('--root <directory>', "where the node's root file system is", '/')
    .action(async ({ send, root }: { send?: boolean; root: string }) =>
      report(await selfTest(configBelow(root, program), send === true, root)),
    )
  program
    .command('replay')
    .description('take a core from a file as if the kernel had sent it')
    .argument('<core-file>', 'an uncompressed ELF core; - is stdin')
    .option('--sysroot <directory>', 'where the programs and libraries are that it ran', '/')
    .addHelpText('after', REPLAY_EPILOGUE)
    .action(async (file: string, { sysroot }: { sysroot: string }) =>
      show({ file, sysroot }, fileOf(program)),
    )
  program
    .command('collect-file')
    .description('take the core file on stdin, of a pod that is known from the directory it lies in')
    .requiredOption('--namespace <name>', 'first directory below the dumps directory')
    .requiredOption(
      '--pod <name>',
      'second directory: name of the pod, or its uid, or what older webhooks wrote',
    )
    .option('--container <name>', 'third directory, where there is one')
    .requiredOption(
      '--id <hex>',
      '12 or 32 hexadecimal digits; the same for the same file, whenever it is taken',
    )
    .requiredOption('--path <path>', 'the file, below the dumps directory')
    .option('--root <directory>', "where the node's root file system is", '/')
    .addHelpText('after', COLLECT_FILE_EPILOGUE)
    .action(async (options: CollectFileOptions) => answerForFile(options, configBelow(options.root, program)))
  addSymbolsCommand(program, () => fileOf(program))
  addLifecycleCommand(program, root => configBelow(root, program))
  addReindexCommand(program, root => configBelow(root, program))
  for (const [mode, description] of Object.entries(MODES)) nameMode(program, mode, description)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    fail(error)
  }
}

/** Other programs of the same file, which begin before any of this: executable/mode.ts. */
const MODES: Readonly<Record<string, string>> = {
  installer: 'set a node up, keep it so, and tell how it is',
  webhook: 'the fallback, for nodes that cannot have a kernel pipe',
  api: 'stored crashes as a resource of Kubernetes',
}

/** For help, and for who puts another option before it. */
function nameMode(program: Command, mode: string, description: string): void {
  program
    .command(mode)
    .description(description)
    .usage('[options] [command]')
    .addHelpText('after', `\nAll that it knows is told by: coredog-handler ${mode} --help`)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new OperatorError(
        `Cannot start the ${mode} so`,
        `Its name comes first: coredog-handler ${mode} …`,
      )
    })
}

function fileOf(program: Command): string {
  return program.opts<{ config: string }>().config
}

/** The default is a path of the node; another path is taken as the operator writes it. */
function configBelow(root: string, program: Command): string {
  const isDefault = program.getOptionValueSource('config') === 'default'
  return isDefault ? path.join(root, fileOf(program)) : fileOf(program)
}

function report(checks: readonly Check[]): void {
  ignoreClosedReader()
  for (const { name, problem, warning, hint, detail } of checks) {
    const verdict = problem !== undefined ? 'FAILED' : warning === true ? 'warn  ' : 'ok    '
    process.stdout.write(`${verdict} ${name}: ${problem ?? detail}\n`)
    if (hint !== undefined) process.stdout.write(`       ${hint}\n`)
  }
  if (checks.some(({ problem }) => problem !== undefined)) process.exitCode = 1
}

async function show(replayed: Replayed, configFile: string): Promise<void> {
  ignoreClosedReader()
  const { config } = await readConfig(configFile)
  const silent = pino({ enabled: false })
  const outside = { ...connect(config, silent), readAhead: () => NO_ALLOWANCE }
  const kept = await replay(replayed, config, outside).finally(outside.letGo)
  process.stdout.write(
    kept === null ? 'not collected: collect.pods is none\n' : `${JSON.stringify(kept.report, null, 2)}\n`,
  )
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
  process.exitCode = 1
}
