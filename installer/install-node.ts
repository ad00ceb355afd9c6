import { hostname } from 'node:os'
import path from 'node:path'
import { authoritiesText } from '../config/authorities.ts'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/parse-config.ts'
import { CONFIG_FILE, readConfigTexts } from '../config/read-config.ts'
import { OperatorError } from '../crash/errors.ts'
import { Network } from '../network/network.ts'
import { openStore } from '../storage/open-store.ts'
import { tryStore } from '../storage/store-trial.ts'
import { type Brought, broughtBy, inspectHandlers } from './node/handler-binary.ts'
import { removeHeartbeat } from './node/heartbeat.ts'
import { installConfiguration } from './node/host-configuration.ts'
import { lostHostCoreFiles } from './node/host-core-files.ts'
import { assertRoot } from './node/host-root.ts'
import { assertIsMachine } from './node/machine.ts'
import type { Node } from './node/node.ts'
import { reconcile } from './node/reconcile.ts'
import { assertMayWrite } from './node/sysctl.ts'
import { directoriesFor, type WantedConfig, wantedOf } from './node/wanted.ts'
import { whyItDoesNotRun } from './node/why-not-run.ts'
import { configOf, nodeOf, type Options, openLog, placesOf, startingConfig } from './options.ts'

/**
 * `coredog-handler installer install`: once. What can be known before is asked before anything is touched, because
 * the program that had core_pattern till now does better with a crash than a handler without a store. Rejects
 * with an {@link OperatorError}.
 */
export async function installNode(options: Options): Promise<void> {
  assertRoot(options.hostRoot)
  const { containerNodes = false, configDir } = options
  // What is in no node goes on to the program that was there before: that needs no configuration.
  const isConfigured = !containerNodes || configDir !== undefined
  const config = isConfigured ? await configOf(options) : await startingConfig(options)
  const node = nodeOf(options, placesOf(config), openLog(process.stderr.fd))
  if (containerNodes) await assertIsMachine(node)
  const brought = await broughtBy(options.handler)
  assertMayWrite(node.sysctlFolder, 'install')
  await assertHandlerRuns(node, options.handler)
  if (isConfigured) await assertStore(config, options.hostRoot)
  await bringConfiguration(node, options)
  // No installer renews it, and an old one would make the handler leave.
  await removeHeartbeat(node)
  process.stdout.write(`installed: ${await setUp(node, options, brought, config)}\n`)
}

/** Resolves with the core_pattern that is in force then. */
async function setUp(
  node: Node,
  { handler: handlerFile, installDir, containerNodes = false }: Options,
  brought: Brought,
  config: WantedConfig & Pick<Config, 'collect'>,
): Promise<string> {
  const wanted = wantedOf(brought, directoriesFor(installDir ?? null), config, { containerNodes })
  const { state, leftAlone } = await reconcile(node, wanted, { handlerFile, inspect: inspectHandlers(node) })
  const lost = lostHostCoreFiles(config.collect, state.original, wanted.way)
  if (lost !== null) node.log.warn({ hint: lost.hint }, lost.what)
  if (leftAlone !== null) throw new OperatorError(`Cannot install: ${leftAlone.reason}`, leftAlone.hint)
  return state.corePattern
}

/** Where the handler lies can be tried on the node itself only: elsewhere the place that it gets tells. */
async function assertHandlerRuns(node: Node, file: string): Promise<void> {
  if (node.host.root !== '/') return
  const problem = await whyItDoesNotRun(node, path.resolve(file))
  if (problem === null) return
  throw new OperatorError(`Cannot install the handler "${file}": ${problem.cause}`, problem.hint)
}

async function assertStore({ storage, network }: Config, hostRoot: string): Promise<void> {
  try {
    await tryStore(openStore(storage, { network: new Network(network, hostRoot) }), hostname())
  } catch (cause) {
    if (!(cause instanceof OperatorError)) throw cause
    throw new OperatorError(`Cannot install: the store does not work. ${cause.message}`, cause.hint, cause)
  }
}

async function bringConfiguration(
  { host, places }: Node,
  { configDir, secretsDir = configDir }: Options,
): Promise<void> {
  if (configDir === undefined) return
  const { text, secrets } = await readConfigTexts(path.join(configDir, CONFIG_FILE), secretsDir)
  const { config } = parseConfig(text, secrets === null ? {} : { secrets })
  const folders = [configDir, secretsDir ?? configDir]
  const authorities = await authoritiesText(config, { folders, hostRoot: host.root })
  const texts = { text, secrets, ...(authorities !== null && { authorities }) }
  await installConfiguration(host.path(places.configFolder), texts)
}
