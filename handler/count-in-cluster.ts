import type { CrashReport } from '../crash/report.ts'
import type { Capture } from './capture.ts'
import { folderOf } from './location.ts'
import type { Outside } from './outside.ts'

/** What its report says of that. */
export function countedIn(
  capture: Capture,
  { groups }: Pick<Outside, 'groups'>,
): Pick<CrashReport, 'countedIn'> {
  const folder = groups.folderOf(capture)
  return folder === null ? {} : { countedIn: folder }
}

/**
 * Has the crash counted with those of all other nodes. Resolves with the folder of its group, `null` where this node
 * tells of it by itself. `hasReport`: it has one in the store.
 */
export async function countInCluster(
  capture: Capture,
  hasReport: boolean,
  { groups }: Pick<Outside, 'groups'>,
): Promise<string | null> {
  const group = groups.folderOf(capture)
  if (group === null) return null
  const { id, time, identity } = capture
  const { pod = null, container = null } = identity?.kind === 'container' ? identity : {}
  const isNoted = await groups.note({
    ...{ group, id, time, pod: pod?.name ?? '', image: container?.image ?? '' },
    ...(hasReport && { folder: folderOf(capture) }),
  })
  return isNoted ? group : null
}
