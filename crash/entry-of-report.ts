import { entryOfFolder, type IndexEntry, isGroup, isPodUid } from './index-entry.ts'
import type { CrashReport } from './report.ts'

/**
 * What the index says of a crash: who and when by its folder, and what else there is to select by of its report, as
 * far as a name can hold that. `null`: no folder of ours. Pure.
 */
export function entryOfReport(
  folder: string,
  { pod, signal, core, crash }: CrashReport,
  cluster: string,
): IndexEntry | null {
  const entry = entryOfFolder(folder, cluster)
  const [uid = '', group = ''] = [pod?.uid, crash?.group]
  return (
    entry && {
      ...entry,
      podUid: isPodUid(uid) ? uid : null,
      signal: countOf(signal?.number),
      storedBytes: (core?.key !== undefined && countOf(core.storedBytes)) || 0,
      group: isGroup(group) ? group : null,
    }
  )
}

function countOf(value = -1): number | null {
  return Number.isSafeInteger(value) && value >= 0 ? value : null
}
