import type { Config } from '../../config/config.ts'
import type { ReceiverConfig } from '../../config/receivers/all.ts'
import { Network } from '../../network/network.ts'
import { downloadWay } from '../../notify/download-way.ts'
import { receiverName } from '../../notify/receivers/name.ts'
import type { Telling } from '../../notify/receivers/receiver.ts'
import { tellingOf, tellReceiver } from '../../notify/tell-receiver.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'
import type { Check } from './check.ts'
import { testNotification } from './test-notification.ts'

const LONGEST_SECONDS = 20

/** Programs that are told over HTTP; with `send` each gets a message. */
export async function checkReceivers(
  { receivers, paths, network }: Pick<Config, 'receivers' | 'paths' | 'network'>,
  send: boolean,
): Promise<readonly Check[]> {
  if (receivers.length === 0) return []
  const detail = `${receivers.length} configured; --send sends them a test message`
  if (!send) return [{ name: 'destinations', detail }]
  const reaching = handoffAccess(readHandoff(paths.run), new Network(network))
  const now = new Date()
  const telling = tellingOf(testNotification(), { firstAt: now.toISOString(), way: downloadWay('none') }, now)
  return await Promise.all(
    receivers.map(receiver => check(receiver, nameOf(receiver, receivers), telling, reaching)),
  )
}

function nameOf(receiver: ReceiverConfig, all: readonly ReceiverConfig[]): string {
  const place = all.filter(({ kind }) => kind === receiver.kind).indexOf(receiver)
  return `destination ${receiverName(receiver, place)}`
}

async function check(
  receiver: ReceiverConfig,
  name: string,
  telling: Telling,
  reaching: ReturnType<typeof handoffAccess>,
): Promise<Check> {
  const signal = AbortSignal.timeout(LONGEST_SECONDS * 1000)
  const verdict = await tellReceiver(receiver, telling, reaching, signal)
  if (verdict.kind === 'ok') return { name, detail: 'sent a message' }
  return { name, problem: verdict.reason, hint: verdict.hint }
}
