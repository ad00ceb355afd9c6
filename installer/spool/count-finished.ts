import { groupFolderIn } from '../../crash/group-key.ts'
import type { GroupNote } from '../../handoff/group-note.ts'
import type { SpoolRecord } from '../../handoff/spool-record.ts'

/** As its handler would have had it counted with those of all nodes; `null`: each node counts such crashes by itself. */
export function noteOf({ id, folder, report, counted }: SpoolRecord): GroupNote | null {
  const { countedIn = '', pod, container } = report
  const time = new Date(report.time ?? Number.NaN)
  const group = groupFolderIn(`${countedIn}/`)
  if (counted === true || group !== countedIn || Number.isNaN(time.getTime())) return null
  return { group, id, time, pod: pod?.name ?? '', image: container?.image ?? '', folder }
}
