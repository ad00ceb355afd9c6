import type { ReceiverConfig, ReceiverKind } from '../../config/receivers/all.ts'
import { downloadWay } from '../../notify/download-way.ts'
import type { Notification } from '../../notify/notification.ts'
import { receiverName } from '../../notify/receivers/name.ts'
import type { Telling } from '../../notify/receivers/receiver.ts'
import { receiverTarget } from '../../notify/target.ts'
import { tellingOf, tellReceiver } from '../../notify/tell-receiver.ts'
import type { Destination, Reach } from './destination.ts'
import { Respite } from './respite.ts'

/** Those of one kind: programs that are told over HTTP, as notify/receivers/ says. */
export function receivers(kind: ReceiverKind, reach: Reach): readonly Destination[] {
  const all = reach.config.receivers.filter(receiver => receiver.kind === kind)
  return all.map((receiver, at) => ({
    target: receiverTarget(receiver),
    name: receiverName(receiver, at),
    kind,
    deliver: delivering(receiver, reach),
  }))
}

function delivering(receiver: ReceiverConfig, reach: Reach): Destination['deliver'] {
  const { network, alerts } = reach
  const respite = new Respite()
  const others = reach.config.receivers
    .filter(other => other.kind === receiver.kind && other.url !== receiver.url)
    .map(receiverTarget)
  return async ({ notice, firstAt, pending }, signal) => {
    const isKnown = others.some(other => !pending.includes(other))
    const telling = told(notice, { firstAt, isKnown }, reach)
    const verdict = await respite.after(() => tellReceiver(receiver, telling, { network }, signal))
    // An alert is a state: renew-alerts.ts tells it again as long as it lasts.
    const isTold = verdict.kind === 'ok' && verdict.isUntold !== true
    if (receiver.kind === 'alertmanager' && isTold && isOne(notice)) alerts?.note(notice, telling.now)
    return verdict
  }
}

function told(
  notice: Notification,
  noted: Pick<Telling, 'firstAt' | 'isKnown'>,
  { config, hasApi }: Reach,
): Telling {
  const { detail, downloadLink } = config.notice
  const way = downloadWay(downloadLink, hasApi?.())
  return tellingOf(notice, { ...noted, way, ...(detail && { detail }) }, new Date())
}

/** Not of a count, which is told after the crashes that it is of. */
function isOne({ outcome }: Notification): boolean {
  return outcome !== 'suppressed'
}
