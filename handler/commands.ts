import { openSync } from 'node:fs'
import { Command } from 'commander'
import { pino } from 'pino'
import { readConfig } from '../config/read-config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { CORE_PATTERN_ARGS } from '../crash/kernel-args.ts'
import { VERSION } from '../crash/version.ts'
import { collect } from './collect.ts'
import { connect } from './connect.ts'
import { CorePipe } from './core-pipe.ts'
import { replayedArguments } from './replay.ts'
import { type Check, selfTest } from './self-test.ts'

const EPILOGUE = `
The kernel starts it for every crash, by this line in /proc/sys/kernel/core_pattern:
  |/usr/local/bin/coredog-handler ${CORE_PATTERN_ARGS}
With --config=FILE as the first argument another configuration than /etc/coredog/coredog.yaml is used.
The outcome of every crash is a JSON line in /var/log/coredog/handler.log.`

/** What people call the handler for. Sets process.exitCode: 0 when all is well. */
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
    .action(async ({ send }: { send?: boolean }) => report(await selfTest(fileOf(program), send === true)))
  program
    .command('replay')
    .description('take a core from a file as if the kernel had sent it')
    .argument('<core-file>', 'an uncompressed ELF core')
    .action(async (file: string) => replay(file, fileOf(program)))
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    fail(error)
  }
}

function fileOf(program: Command): string {
  return program.opts<{ config: string }>().config
}

function report(checks: readonly Check[]): void {
  for (const { name, problem, hint, detail } of checks) {
    process.stdout.write(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name}: ${problem ?? detail}\n`)
    if (hint !== undefined) process.stdout.write(`       ${hint}\n`)
  }
  if (checks.some(({ problem }) => problem !== undefined)) process.exitCode = 1
}

async function replay(file: string, configFile: string): Promise<void> {
  const { config } = await readConfig(configFile)
  const argv = await replayedArguments(file)
  const pipe = new CorePipe(openSync(file, 'r'), config.limits.maxCoreBytes)
  const silent = pino({ enabled: false })
  const kept = await collect(argv, pipe, config, connect(config, silent))
  process.stdout.write(
    kept === null ? 'not collected: collect.pods is none\n' : `${JSON.stringify(kept, null, 2)}\n`,
  )
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
  process.exitCode = 1
}
