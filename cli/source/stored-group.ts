import { ownGroupFolder } from '../../crash/group-key.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { GroupStore } from '../../groups/crash-group.ts'
import { readGroupCount } from '../../groups/group-count.ts'
import { StoreError } from '../../storage/errors.ts'
import type { GroupCount } from './source.ts'

interface Counted {
  readonly entry: IndexEntry
  readonly report: CrashReport | null
}

/** `null`: its node counts crashes like it alone, or the credentials are for crashes only. */
export async function storedGroup(
  store: GroupStore,
  { entry, report }: Counted,
  signal: AbortSignal = new AbortController().signal,
): Promise<GroupCount | null> {
  const folder = ownGroupFolder(entry, report)
  if (folder === null) return null
  try {
    return await readGroupCount(store, folder, signal)
  } catch (error) {
    if (error instanceof StoreError && error.status === 403) return null
    throw error
  }
}
