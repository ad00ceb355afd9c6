import type { Config } from '../config/config.ts'
import { CrashIndex } from '../crash-index/crash-index.ts'
import { Network } from '../network/network.ts'
import { followConfiguration } from '../serving/configuration.ts'
import { openStore } from '../storage/open-store.ts'
import { clusterName } from './cluster-name.ts'
import { Namespaces } from './namespaces.ts'
import type { Program } from './program.ts'
import { servedGroups } from './resources.ts'

/** Has the server serve what the configuration says, whenever it is another one. */
export async function serveConfiguration(program: Program, signal: AbortSignal): Promise<void> {
  const { options, kube, metrics, log } = program
  const found = await clusterName(kube, log, signal)
  const following = {
    configFolder: options.configDir,
    secretsFolder: options.secretsDir,
    onConfig: (config: Config) => takeConfiguration(config, found, program),
    onRefused: metrics.countRefusedConfiguration,
    log,
  }
  await followConfiguration(following, signal)
}

function takeConfiguration(config: Config, foundCluster: string, program: Program): void {
  const { options, capacity, kube, reviews, server, state, log } = program
  const { storage, network, cluster, symbols } = config
  const symbolFolders = symbols.flatMap(source => (source.kind === 'folder' ? [source.prefix] : []))
  const store = openStore(storage, { network: new Network(network) })
  store.prepare?.()
  const namespaces = new Namespaces(kube)
  const outside = {
    ...{ store, index: new CrashIndex(store), cluster: cluster ?? foundCluster, log },
    mayDo: reviews.mayDo.bind(reviews),
    namespaceCreated: namespaces.created.bind(namespaces),
  }
  server.use(servedGroups(outside, { detectorPaths: options.detectorPaths, capacity, symbolFolders }))
  state.hasStore = true
}
