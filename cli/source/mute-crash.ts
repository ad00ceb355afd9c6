import { groupFolderIn } from '../../crash/group-key.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'

/**
 * Mutes the group of a crash, or ends that. The report is a stranger's word, so the group has to be of the namespace and
 * the cluster of its crash. Resolves with whether there is one.
 */
export async function muteCrash(
  store: GroupStore,
  { cluster, namespace }: IndexEntry,
  { countedIn }: CrashReport,
  until: Date | null,
): Promise<boolean> {
  const folder = groupFolderIn(`${countedIn ?? ''}/muted`)
  const [, ofCluster, ofNamespace] = folder?.split('/') ?? []
  if (folder === null || ofCluster !== cluster || ofNamespace !== namespace) return false
  const group = new CrashGroup(store, folder)
  await (until === null ? group.unmute() : group.mute({ until }))
  return true
}
