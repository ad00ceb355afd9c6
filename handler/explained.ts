import type { CrashReport } from '../crash/report.ts'
import type { SeenCrash } from '../handoff/seen-file.ts'
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
  { recurrences, symbols }: Pick<Outside, 'recurrences' | 'symbols'>,
): Promise<CrashReport> {
  const known = await symbols.named(await capture.why.explained(report))
  const { group, site } = known.crash ?? {}
  const owner = seenOwner(capture)
  if (group === undefined || owner === null) return known
  const by = capture.site.site ?? site
  const seen = await recurrences.count(
    owner,
    { group, ...(by !== undefined && { site: by }) },
    crashOf(capture),
  )
  return seen === null ? known : { ...known, seen }
}

/** The same of a crash of which no more is said than where it was: one there was explained. */
export async function recounted(
  report: CrashReport,
  capture: Capture,
  { recurrences }: Pick<Outside, 'recurrences'>,
): Promise<CrashReport> {
  const { site } = capture.site
  const owner = seenOwner(capture)
  if (site === undefined || owner === null) return report
  const seen = await recurrences.countAtSite(owner, site, crashOf(capture))
  return seen === null ? report : { ...report, seen }
}

function crashOf({ id, time, identity }: Capture): SeenCrash {
  const image = identity?.kind === 'container' ? identity.container?.image : undefined
  return { id, time, ...(image !== undefined && { image }) }
}
