import type { CrashReport } from '../crash/report.ts'
import type { Capture } from './capture.ts'
import { seenOwner } from './deduplicate/groups.ts'
import type { Outside } from './outside.ts'

/**
 * `report`, why it crashed, and how often it did. Not to be called while the process is held; twice does no harm.
 * Never rejects.
 */
export async function explained(
  report: CrashReport,
  capture: Capture,
  { recurrences }: Pick<Outside, 'recurrences'>,
): Promise<CrashReport> {
  const known = await capture.why.explained(report)
  const { group, site } = known.crash ?? {}
  const owner = seenOwner(capture)
  if (group === undefined || owner === null) return known
  const image = known.container?.image
  const crash = { id: capture.id, time: capture.time, ...(image !== undefined && { image }) }
  const seen = await recurrences.count(owner, { group, ...(site !== undefined && { site }) }, crash)
  return seen === null ? known : { ...known, seen }
}
