import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { ReportSeen } from '../crash/report.ts'
import type { Seen, SeenCrash } from '../handoff/seen-file.ts'
import type { SeenFolder, SeenOwner } from '../handoff/seen-folder.ts'
import { backWithin } from '../time/left-behind.ts'

/** How often crashes like one came to this node. Never rejects; `null`: nothing can be said. */
export interface Recurrences {
  /** Counts it once, however often it is asked for. */
  count(
    owner: SeenOwner,
    known: { readonly group: string; readonly site?: string },
    crash: SeenCrash,
  ): Promise<ReportSeen | null>
  /** The same of a crash that was not explained, by where it was. */
  countAtSite(owner: SeenOwner, site: string, crash: SeenCrash): Promise<ReportSeen | null>
}

// The process is held no more, but the report waits.
const DEADLINE_SECONDS = 2

/** A disk that hangs is given up after `deadlineSeconds`. */
export function recurrencesIn(
  folder: Pick<SeenFolder, 'count' | 'countAtSite'>,
  log: Logger,
  deadlineSeconds = DEADLINE_SECONDS,
): Recurrences {
  const counted = async (crash: SeenCrash, count: () => Promise<Seen | null>) => {
    try {
      const counting = count().then(seen => ({ seen }))
      const back = await backWithin(counting, deadlineSeconds)
      if (back === null) log.warn({ seconds: deadlineSeconds }, 'crash not counted in time')
      return back?.seen ? reportSeen(back.seen, crash) : null
    } catch (cause) {
      log.warn({ crash: crash.id, reason: messageOf(cause) }, 'crash not counted')
      return null
    }
  }
  return {
    count: (owner, known, crash) => counted(crash, () => folder.count(owner, known, crash)),
    countAtSite: (owner, site, crash) => counted(crash, () => folder.countAtSite(owner, site, crash)),
  }
}

/** A handler that had to wait counts a crash that came before the first one that is known. */
function reportSeen({ first, firstImage, count }: Seen, { time }: SeenCrash): ReportSeen {
  const [earlier, later] = time < first ? [time, first] : [first, time]
  return {
    first: earlier.toISOString(),
    last: later.toISOString(),
    count,
    ...(firstImage !== undefined && { firstImage }),
  }
}
