import { type Fields, fieldsIn } from '../crash/fields.ts'
import type { CrashReport } from '../crash/report.ts'

const OUTCOMES = ['stored', 'suppressed', 'skipped', 'refused', 'failed'] as const

/**
 * What became of a core file, as the handler said. `stored`, `suppressed`, `skipped`: it has been dealt with.
 * `refused`: it is no core. `failed`: it is to be tried again.
 */
export interface Verdict {
  readonly outcome: (typeof OUTCOMES)[number]
  readonly report?: CrashReport
  readonly reason?: string
  readonly hint?: string
}

/** The one line that the handler printed. A handler whose line cannot be read did not deal with the file. */
export function parseVerdict(line: string): Verdict | null {
  const found = fieldsIn(line)
  return found !== null && isVerdict(found) ? found : null
}

function isVerdict(found: Fields): found is Fields & Verdict {
  return OUTCOMES.some(outcome => outcome === found.outcome)
}
