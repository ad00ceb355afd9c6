import type { ReceiverKind } from '../../config/receivers/all.ts'
import { downloadWay } from '../../notify/download-way.ts'
import type { Notification } from '../../notify/notification.ts'
import { receiverName } from '../../notify/receivers/name.ts'
import { receiverTarget } from '../../notify/target.ts'
import { tellingOf, tellReceiver } from '../../notify/tell-receiver.ts'
import type { Destination, Reach } from './destination.ts'

/** Those of one kind: programs that are told over HTTP, as notify/receivers/ says. */
export function receivers(
  kind: ReceiverKind,
  { config, network, hasApi, alerts }: Reach,
): readonly Destination[] {
  const { detail, downloadLink } = config.notice
  return config.receivers
    .filter(receiver => receiver.kind === kind)
    .map((receiver, at) => ({
      target: receiverTarget(receiver),
      name: receiverName(receiver, at),
      kind,
      deliver: async ({ notice, firstAt }, signal) => {
        const way = downloadWay(downloadLink, hasApi?.())
        const telling = tellingOf(notice, { firstAt, way, ...(detail && { detail }) }, new Date())
        const verdict = await tellReceiver(receiver, telling, { network }, signal)
        // An alert is a state: renew-alerts.ts tells it again as long as it lasts.
        if (kind === 'alertmanager' && verdict.kind === 'ok' && isOne(notice))
          alerts?.note(notice, telling.now)
        return verdict
      },
    }))
}

/** Not of a count, which is told after the crashes that it is of. */
function isOne({ outcome }: Notification): boolean {
  return outcome !== 'suppressed'
}
