import { existsSync } from 'node:fs'
import path from 'node:path'
import { isatty } from 'node:tty'
import { destination, type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import { ANY_STORE, parseConfig } from '../config/parse-config.ts'
import { CONFIG_FILE, readConfig } from '../config/read-config.ts'
import { OperatorError } from '../crash/errors.ts'
import { Host } from '../handoff/host.ts'
import { DEFAULT_PLACES, type Node, type Places } from './node/node.ts'
import { runOnHost } from './node/run-on-host.ts'
import { sentencesTo } from './sentences.ts'

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
  /** `install` on a machine whose nodes are containers. */
  readonly containerNodes?: boolean
}

/** The node that the options name. */
export function nodeOf({ hostRoot, procSys }: Options, places: Places, log: Logger): Node {
  const host = new Host(hostRoot)
  return { host, sysctlFolder: procSys, places, runOnHost: runOnHost(host), log }
}

/**
 * What is to be installed, or what the node has already. Rejects without either: a crash would have nowhere
 * to go.
 */
export async function configOf({ configDir, secretsDir, hostRoot }: Options): Promise<Config> {
  if (configDir !== undefined) return (await readConfig(path.join(configDir, CONFIG_FILE), secretsDir)).config
  const onNode = configOnNode(hostRoot)
  if (existsSync(onNode)) return (await readConfig(onNode)).config
  throw new OperatorError(
    `Cannot install without a configuration: there is no "${onNode}"`,
    `Write a ${CONFIG_FILE} that says where cores go (docs/configuration.md shows how), and name its folder with --config-dir.`,
  )
}

/** Whether there is a configuration, good or bad: what is to be installed, or that of the node. */
export function isConfigured({ configDir, hostRoot }: Pick<Options, 'configDir' | 'hostRoot'>): boolean {
  return configDir !== undefined || existsSync(configOnNode(hostRoot))
}

function configOnNode(hostRoot: string): string {
  return new Host(hostRoot).path(path.join(DEFAULT_PLACES.configFolder, CONFIG_FILE))
}

/**
 * The new configuration if it can be used, else what the node has, else the defaults: to begin with, any will
 * do.
 */
export async function startingConfig({ configDir, secretsDir, hostRoot }: Options): Promise<Config> {
  const onNode = configOnNode(hostRoot)
  for (const [file, secretsFolder] of [
    ...(configDir === undefined ? [] : [[path.join(configDir, CONFIG_FILE), secretsDir] as const]),
    [onNode] as const,
  ]) {
    const read = await readConfig(file, secretsFolder).catch(() => null)
    if (read !== null) return read.config
  }
  return parseConfig(ANY_STORE, { file: 'the defaults' }).config
}

/** Where the configuration has the handler's places. */
export function placesOf({ paths }: Config): Places {
  return {
    configFolder: DEFAULT_PLACES.configFolder,
    stateFolder: paths.state,
    runFolder: paths.run,
    handlerLog: paths.log,
  }
}

/** JSON lines, as the handler's own; sentences where a person sits at a terminal. */
export function openLog(fd: number): Logger {
  const options = { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return pino(options, isatty(fd) ? sentencesTo(fd) : destination({ fd, sync: true }))
}
