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
}

// The process is held no more, but the report waits.
const DEADLINE_SECONDS = 2

/** A disk that hangs is given up after `deadlineSeconds`. */
export function recurrencesIn(
  folder: Pick<SeenFolder, 'count'>,
  log: Logger,
  deadlineSeconds = DEADLINE_SECONDS,
): Recurrences {
  return {
    async count(owner, known, crash) {
      try {
        const counting = folder.count(owner, known, crash).then(seen => ({ seen }))
        const counted = await backWithin(counting, deadlineSeconds)
        if (counted === null) log.warn({ seconds: deadlineSeconds }, 'crash not counted in time')
        return counted?.seen ? reportSeen(counted.seen, crash) : null
      } catch (cause) {
        log.warn({ crash: crash.id, reason: messageOf(cause) }, 'crash not counted')
        return null
      }
    },
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
