import { reasonOf } from '../crash/errors.ts'
import { encodeReport } from '../crash/report.ts'
import { unanswered } from '../storage/parts/lost-error.ts'
import type { Outside } from './outside.ts'
import type { Reported } from './reporting.ts'
import type { Spooling } from './spooling.ts'

/** Whether the report is stored. If not, the installer will do it; rejects if it cannot either. */
export async function storeReport(
  { report, kept, told }: Reported & { readonly told: boolean },
  folder: string,
  spool: () => Promise<Spooling>,
  { sink, log }: Pick<Outside, 'sink' | 'log'>,
): Promise<boolean> {
  const body = encodeReport(report)
  const leave = async () => (await spool()).leave({ report, core: null, told }, kept)
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
