import { type GlobalOptions, namesStore } from '../options.ts'
import type { CrashSource } from './source.ts'

/** The store that the options name, else coredog-api of the cluster. */
export async function openSource(options: GlobalOptions): Promise<CrashSource> {
  // Neither loads what the other one needs.
  if (namesStore(options)) return (await import('./store-source.ts')).openStoreSource(options)
  const { ApiSource } = await import('./api-source.ts')
  const { openKubeCluster } = await import('../kube-cluster.ts')
  return new ApiSource(await openKubeCluster(options))
}
