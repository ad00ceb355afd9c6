import { closeSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import { isKernelCall } from '../crash/kernel-args.ts'
import { VERSION } from '../crash/version.ts'
import { giveEachAddressTime } from '../network/connection-attempts.ts'
import { configOfAbandoned, forwardOn, leaveIfAbandoned } from './abandoned.ts'
import { collect } from './collect.ts'
import { type Connected, connect } from './connect.ts'
import { CorePipe } from './core/core-pipe.ts'
import { takeStdin } from './core/stdin.ts'
import { POOL_THREADS } from './core/threads.ts'
import { endIfHung } from './hung-end.ts'
import { DEFAULT_LOG_FILE, openLog } from './log.ts'

const DEFAULT_CONFIG_FILE = '/etc/coredog/coredog.yaml'
const CONFIG_OPTION = '--config='

/**
 * The kernel starts us with no environment, no terminal, and / as the working directory; what its
 * arguments hold was partly chosen by the process that crashed, so no option parser ever sees them.
 */
async function main(argv: readonly string[]): Promise<void> {
  // libuv reads it when its pool is first used, and not again.
  process.env.UV_THREADPOOL_SIZE = `${POOL_THREADS}`
  giveEachAddressTime()
  const [first = '', ...others] = argv
  const configured = first.startsWith(CONFIG_OPTION)
  const rest = configured ? others : argv
  const configFile = configured ? first.slice(CONFIG_OPTION.length) : DEFAULT_CONFIG_FILE
  if (isKernelCall(rest)) return handleCrash(rest, configFile)
  if (first === '--version') return void process.stdout.write(`${VERSION}\n`)
  const { runCommand } = await import('./commands/commands.ts')
  await runCommand(argv, DEFAULT_CONFIG_FILE)
  endIfHung()
}

async function handleCrash(argv: readonly string[], configFile: string): Promise<void> {
  const pipeFd = takeStdin()
  let log: Logger | null = null
  let pipe: CorePipe | null = null
  let outside: Connected | null = null
  try {
    const config = await configFor(configFile)
    log = openLog(config.paths.log)
    pipe = new CorePipe(pipeFd, config.limits.maxCoreBytes)
    outside = connect(config, log)
    const journey = (await leaveIfAbandoned(config.paths, { ...outside, configFile })) ? forwardOn : collect
    await journey(argv, pipe, config, outside)
  } catch (err) {
    // First: the kernel holds the process until this is closed, and a thread that hangs keeps us from ending.
    if (pipe === null) closeSync(pipeFd)
    else pipe.close()
    log ??= openLog(DEFAULT_LOG_FILE)
    log.error({ err, argv }, 'crash lost')
    process.exitCode = 1
  }
  endIfHung(outside?.letGo)
}

async function configFor(file: string): Promise<Config> {
  try {
    return (await readConfig(file)).config
  } catch (error) {
    const config = await configOfAbandoned(new Date())
    if (config === null) throw error
    return config
  }
}

// Not top-level await: the single executable runs CommonJS.
void main(process.argv.slice(2))
