import { CliError, EXIT } from '../exit.ts'
import { openKubeCluster } from '../kube-cluster.ts'
import { type GlobalOptions, namesStore } from '../options.ts'
import { ApiSource } from './api-source.ts'
import type { CrashSource } from './source.ts'

/** The store that the options name, else coredog-api of the cluster. */
export async function openSource(options: GlobalOptions): Promise<CrashSource> {
  if (namesStore(options)) throw new CliError(EXIT.error, 'Cannot read a store yet', 'Ask the cluster.')
  return new ApiSource(await openKubeCluster(options))
}
