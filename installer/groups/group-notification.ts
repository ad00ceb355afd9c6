import { corefilePathOf } from '../../crash/corefile-path.ts'
import { entryOfFolder } from '../../crash/index-entry.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import { type CrashReport, withoutThreads } from '../../crash/report.ts'
import { readReport } from '../../crash-index/read-report.ts'
import type { GroupSummary } from '../../groups/group-summary.ts'
import type { GroupUpdate } from '../../notify/group-update.ts'
import type { Notification } from '../../notify/notification.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/**
 * What to tell of a group, by the last of its crashes that has a report. `null`: there is none, or not any more.
 */
export async function groupNotification(
  store: Pick<ObjectStore, 'get' | 'location'>,
  cluster: string,
  { folder }: Pick<GroupSummary, 'folder'>,
  update: GroupUpdate,
): Promise<Notification | null> {
  const [entry, crash] =
    folder === undefined ? [] : [entryOfFolder(folder, cluster), parseCrashFolder(folder)]
  const report = entry ? await readReport(store, entry) : null
  if (report === null || !crash) return null
  const pid = report.process?.namespacedPid ?? crash.pid
  return {
    outcome: 'suppressed',
    report: { ...withKept(report), suppressed: update.crashes },
    update,
    link: null,
    corefilePath: corefilePathOf(crash.owner, { ...crash, pid }),
  }
}

/** The core of that crash, if it has one, is the one that was kept of them. */
function withKept(report: CrashReport): CrashReport {
  const { core, ...rest } = withoutThreads(report)
  const { key, url } = core ?? {}
  const kept = core?.kept ?? (key !== undefined && url !== undefined ? { key, url } : undefined)
  return { ...rest, ...(kept && { core: { kept } }) }
}
