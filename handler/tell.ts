import type { Notice } from '../notify/notice.ts'
import type { Outside } from './outside.ts'

/** Nobody may have been told, and the log says so; what is stored is stored all the same. */
export async function tell(
  notice: Notice,
  { notifier, log }: Pick<Outside, 'notifier' | 'log'>,
  onNoted?: () => Promise<void>,
): Promise<void> {
  for (const delivery of await notifier.tell(notice, onNoted)) {
    if (delivery.outcome === 'failed') log.error({ crash: notice.report.id, ...delivery }, 'notice failed')
  }
}
