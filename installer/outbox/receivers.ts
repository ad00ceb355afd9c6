import type { ReceiverKind } from '../../config/receivers/all.ts'
import { downloadWay } from '../../notify/download-way.ts'
import { receiverName } from '../../notify/receivers/name.ts'
import { receiverTarget } from '../../notify/target.ts'
import { tellingOf, tellReceiver } from '../../notify/tell-receiver.ts'
import type { Destination, Reach } from './destination.ts'

/** Those of one kind: programs that are told over HTTP, as notify/receivers/ says. */
export function receivers(kind: ReceiverKind, { config, network, hasApi }: Reach): readonly Destination[] {
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
        return await tellReceiver(receiver, telling, { network }, signal)
      },
    }))
}
