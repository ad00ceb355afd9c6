import { reasonOf } from '../crash/errors.ts'
import { type CrashReport, encodeReport } from '../crash/report.ts'
import { mayBeTakenLater, whyNotNamed } from '../crash-index/add-names.ts'
import { unanswered } from '../storage/parts/lost-error.ts'
import { storeLog } from './kept-log.ts'
import { nameCrash } from './name-crash.ts'
import type { Outside } from './outside.ts'
import type { Reported } from './reporting.ts'
import type { Spooling } from './spooling.ts'

interface Reporting extends Reported {
  readonly told: boolean
}

/** A report as it is written, and whether it is stored. */
interface StoredReport {
  readonly report: CrashReport
  readonly isStored: boolean
}

type World = Pick<Outside, 'sink' | 'log' | 'node'>

/**
 * The log of the container, the names in the index, and the report, which is last: what has one has all. If it is
 * not stored, the installer will do it; rejects if it cannot either.
 */
export async function storeReport(
  { report: begun, kept, told }: Reporting,
  folder: string,
  spool: () => Promise<Spooling>,
  outside: World,
): Promise<StoredReport> {
  const [placed, unnamed] = await Promise.all([storeLog(kept, outside), nameCrash(folder, begun, outside)])
  const report = { ...begun, ...placed }
  const leave = async () => (await spool()).leave({ report, core: null, told }, kept)
  const isLeft = unnamed !== null && mayBeTakenLater(unnamed) && (await leave())
  if (unnamed !== null && !isLeft) outside.log.warn(whyNotNamed(unnamed), 'crash not in the index')
  if (isLeft) outside.log.warn(reasonOf(unnamed), 'report goes to the spool')
  return { report, isStored: !isLeft && (await putReport(report, folder, leave, outside)) }
}

async function putReport(
  report: CrashReport,
  folder: string,
  leave: () => Promise<boolean>,
  { sink, log }: World,
): Promise<boolean> {
  const body = encodeReport(report)
  try {
    const outcome = await sink.put(`${folder}/report.json`, [body], body.length)
    // Where there is no spool, the store's word is all there is.
    if (outcome !== 'unanswered' || !(await leave())) return true
    log.warn(reasonOf(unanswered()), 'report goes to the spool')
  } catch (cause) {
    if (!(await leave())) throw cause
    log.warn(reasonOf(cause), 'report goes to the spool')
  }
  return false
}
