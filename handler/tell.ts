import type { Notification } from '../notify/notification.ts'
import type { Outside } from './outside.ts'

/** If no destination could be told, the log says so; what is stored is stored all the same. */
export async function tell(
  notification: Notification,
  { notifier, log }: Pick<Outside, 'notifier' | 'log'>,
  onNoted?: () => Promise<void>,
): Promise<void> {
  for (const delivery of await notifier.tell(notification, onNoted)) {
    if (delivery.outcome === 'failed')
      log.error({ crash: notification.report.id, ...delivery }, 'notice failed')
  }
}
