import { ownGroupFolder } from '../../crash/group-key.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'

/** Mutes the group of a crash, or ends that. Resolves with whether there is one. */
export async function muteCrash(
  store: GroupStore,
  entry: IndexEntry,
  report: CrashReport,
  until: Date | null,
): Promise<boolean> {
  const folder = ownGroupFolder(entry, report)
  if (folder === null) return false
  const group = new CrashGroup(store, folder)
  await (until === null ? group.unmute() : group.mute({ until }))
  return true
}
