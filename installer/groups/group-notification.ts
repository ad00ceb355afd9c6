import { corefilePathOf } from '../../crash/corefile-path.ts'
import { entryOfFolder } from '../../crash/index-entry.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import { type CrashReport, withoutThreads } from '../../crash/report.ts'
import { readReport } from '../../crash-index/read-report.ts'
import type { GroupSummary } from '../../groups/group-summary.ts'
import { ownCoreKey } from '../../groups/place-record.ts'
import { keyBelow } from '../../notify/crash-links.ts'
import type { GroupUpdate } from '../../notify/group-update.ts'
import type { Notification } from '../../notify/notification.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

interface Bucket {
  readonly store: Pick<ObjectStore, 'get' | 'location'>
  readonly storeDir: string
  /** Empty: it has no name. */
  readonly cluster: string
}

/**
 * What to tell of the group in `group`, by the last of its crashes that has a report. `null`: there is none, or not any
 * more. Which crash that is, and its report, are a stranger's word: what is of another namespace is none of the group's.
 */
export async function groupNotification(
  bucket: Bucket,
  group: string,
  { folder }: Pick<GroupSummary, 'folder'>,
  update: GroupUpdate,
): Promise<Notification | null> {
  const [entry, crash] =
    folder === undefined ? [] : [entryOfFolder(folder, bucket.cluster), parseCrashFolder(folder)]
  const [, , namespace = ''] = group.split('/')
  const report = entry?.namespace === namespace ? await readReport(bucket.store, entry) : null
  if (report === null || !crash) return null
  const pid = report.process?.namespacedPid ?? crash.pid
  return {
    outcome: 'suppressed',
    report: { ...withKept(report, namespace, bucket), suppressed: update.crashes },
    update,
    link: null,
    corefilePath: corefilePathOf(crash.owner, { ...crash, pid }),
  }
}

/** The core of that crash, if it has one, is the one that was kept of them. */
function withKept(report: CrashReport, namespace: string, { store, storeDir }: Bucket): CrashReport {
  const { core, ...rest } = withoutThreads(report)
  const key = core?.kept?.key ?? core?.key
  const own = ownCoreKey({ namespace }, keyBelow(storeDir, key) ?? undefined)
  if (key === undefined || own === null) return rest
  return { ...rest, core: { kept: { key, url: store.location(own) } } }
}
