import type { Coredump } from '../../coredump/coredump.ts'
import type { CrashReport } from '../../crash/report.ts'
import { CliError, EXIT } from '../exit.ts'

/** The report of a crash, if it is that: it is the word of whoever may write to the bucket. */
export function knownReport(report: CrashReport | null, { spec }: Pick<Coredump, 'spec'>): CrashReport {
  if (report?.id === spec.id) return report
  throw new CliError(
    EXIT.notFound,
    `Cannot read the report of ${spec.id}: it is not there, or none that CoreDog wrote`,
    'Its retention may be over: `kubectl coredog list` shows what there is.',
  )
}
