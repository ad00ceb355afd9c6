import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import type { Host } from '../../handoff/host.ts'
import { openHostStore } from '../supply/host-store.ts'
import { GroupTotals } from './group-totals.ts'
import { type RecentGroup, recentGroups } from './recent-groups.ts'

/** Somebody waits for it, and without the store the node's own counts are shown. */
const PATIENCE_SECONDS = 5

/** Where totals are, as `host` sees it. */
export function totalsFile(host: Host, stateFolder: string): string {
  return path.join(host.path(stateFolder), 'groups', 'totals.json')
}

/** As {@link recentGroups}, of this node and its store; of totals that cannot be read, none. */
export async function groupsHere(
  host: Host,
  config: Pick<Config, 'paths' | 'storage' | 'network'>,
): Promise<readonly RecentGroup[]> {
  const totals = await GroupTotals.read(totalsFile(host, config.paths.state)).catch(() => null)
  if (totals === null) return []
  const store = openHostStore(host, config)
  const signal = AbortSignal.timeout(PATIENCE_SECONDS * 1000)
  return await recentGroups(totals, folder => new CrashGroup(store, folder), new Date(), signal)
}
