import type { ReportCrash } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { Evidence } from './evidence.ts'

const LONGEST_NAME = 64

/** As the report has it: what is known of a sender that is not the process itself. */
export function shownSender({
  signal,
  info,
  pid,
  sender,
}: Pick<Evidence, 'signal' | 'info' | 'pid' | 'sender'>): Pick<ReportCrash, 'sender'> {
  if (info?.pid === undefined || info.number !== signal || info.pid === pid) return {}
  const uid = sender?.uid ?? info.uid
  return {
    sender: {
      ...(sender && { pid: sender.pid }),
      ...(info.pid > 0 && info.pid !== sender?.pid && { namespacedPid: info.pid }),
      ...(sender?.comm && { comm: plain(sender.comm, LONGEST_NAME) }),
      ...(uid !== undefined && { uid }),
    },
  }
}
