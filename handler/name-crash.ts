import { entryOfReport } from '../crash/entry-of-report.ts'
import type { CrashReport } from '../crash/report.ts'
import { addNames } from '../crash-index/add-names.ts'
import { withinSeconds } from '../time/within-seconds.ts'
import type { Outside } from './outside.ts'

/** People are to be told, and the report waits behind it. */
const LONGEST_SECONDS = 10

/**
 * Puts the names of a crash into the index. Resolves with why that failed; `null`: they are there. Never rejects.
 */
export async function nameCrash(
  folder: string,
  report: CrashReport,
  { sink, node }: Pick<Outside, 'sink' | 'node'>,
): Promise<unknown> {
  const entry = entryOfReport(folder, report, node.cluster ?? '')
  if (entry === null) return null
  return withinSeconds(LONGEST_SECONDS, addNames(sink, entry)).then(
    () => null,
    (cause: unknown) => cause,
  )
}
