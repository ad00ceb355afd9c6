import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { ANY_STORE, parseConfig } from '../config/parse-config.ts'
import { readConfig } from '../config/read-config.ts'
import { giveEachAddressTime } from '../network/connection-attempts.ts'
import { configOfAbandoned, forwardOn, leaveIfAbandoned } from './abandoned.ts'
import { collect } from './collect.ts'
import { type Connected, connect } from './connect.ts'
import { CorePipe } from './core/core-pipe.ts'
import type { FirstBytes } from './core/first-bytes.ts'
import { closeTaken } from './core/stdin.ts'
import { endIfHung } from './hung-end.ts'
import { DEFAULT_LOG_FILE, openLog } from './log.ts'

/** A core of which something may be read already. */
interface BegunCore {
  readonly fd: number
  readonly first: FirstBytes | null
}

/** By which configuration, and which way, a crash goes. */
interface Route {
  readonly config: () => Promise<Config>
  readonly journey: (config: Config, outside: Connected) => Promise<typeof collect | typeof forwardOn>
}

/** `argv` is the kernel's. */
export async function handleCrash(
  argv: readonly string[],
  core: BegunCore,
  configFile: string,
): Promise<void> {
  await travel(argv, core, {
    config: () => configFor(configFile),
    journey: async ({ paths }, outside) =>
      (await leaveIfAbandoned(paths, { ...outside, configFile })) ? forwardOn : collect,
  })
}

/**
 * On a machine whose nodes are containers, of a process in none of them, or in one that it could not be handed to, for
 * `failure`. Without a configuration it is for the handler that was there before.
 */
export async function handleOfMachine(
  argv: readonly string[],
  core: BegunCore,
  configFile: string,
  failure?: unknown,
): Promise<void> {
  if (failure !== undefined) openLog(DEFAULT_LOG_FILE).error({ err: failure, argv }, 'node not reached')
  if (existsSync(configFile)) return await handleCrash(argv, core, configFile)
  const config = async () => parseConfig(ANY_STORE, { file: 'the defaults' }).config
  await travel(argv, core, { config, journey: async () => forwardOn })
}

async function travel(argv: readonly string[], { fd, first }: BegunCore, route: Route): Promise<void> {
  giveEachAddressTime()
  let log: Logger | null = null
  let pipe: CorePipe | null = null
  let outside: Connected | null = null
  try {
    const config = await route.config()
    log = openLog(config.paths.log)
    pipe = new CorePipe(fd, { limitBytes: config.limits.maxCoreBytes, first })
    outside = connect(config, log)
    const journey = await route.journey(config, outside)
    await journey(argv, pipe, config, outside)
  } catch (err) {
    // First: the kernel holds the process until this is closed, and a thread that hangs keeps us from ending.
    if (pipe === null) closeTaken(fd)
    else pipe.close()
    // Nobody knows whose it is.
    first?.bytes.fill(0)
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

/** What a person called us for. */
export async function command(argv: readonly string[], defaultConfigFile: string): Promise<void> {
  giveEachAddressTime()
  const { runCommand } = await import('./commands/commands.ts')
  await runCommand(argv, defaultConfigFile)
  endIfHung()
}
