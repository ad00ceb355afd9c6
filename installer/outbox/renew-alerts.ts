import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { AlertmanagerReceiver } from '../../config/receivers/alertmanager.ts'
import { reasonOf } from '../../crash/errors.ts'
import type { Host } from '../../handoff/host.ts'
import { Network } from '../../network/network.ts'
import { withDetail } from '../../notify/detail.ts'
import { downloadWay, inWay } from '../../notify/download-way.ts'
import { type Alert, alertOf, type Ongoing } from '../../notify/receivers/alert.ts'
import { alertsRequest } from '../../notify/receivers/alertmanager.ts'
import { receiverName } from '../../notify/receivers/name.ts'
import { postToReceiver } from '../../notify/tell-receiver.ts'
import { OK, type Verdict } from '../../notify/verdict.ts'
import { tickEvery } from '../../time/ticker.ts'
import type { AlertBook } from './alert-book.ts'
import { countedSince } from './counted-crashes.ts'

interface RenewingOptions {
  readonly config: Config
  readonly host: Host
  /** What was told since the installer began. */
  readonly alerts: AlertBook
  readonly hasApi: () => boolean
  readonly log: Logger
}

/** As often as Prometheus does it. */
const ROUND_SECONDS = 60
/** Proxies take a megabyte. */
const MOST_BYTES = 512 * 1024

/**
 * Until `signal` aborts: tells each Alertmanager once a minute what goes on on this node, and until when: crashes that
 * are only counted make no entries of the outbox, and it forgets what it was told when it is started anew.
 */
export async function renewAlerts(options: RenewingOptions, signal: AbortSignal): Promise<void> {
  const receivers = options.config.receivers.filter(receiver => receiver.kind === 'alertmanager')
  if (receivers.length === 0) return
  let said: readonly string[] = []
  for await (const _ of tickEvery(ROUND_SECONDS, signal)) {
    const faults = await renewOnce(receivers, options, new Date(), signal).catch(cause => [reasonOf(cause)])
    // What is away is so for more than one round.
    for (const fault of faults.filter(({ reason }) => !said.includes(reason)))
      options.log.warn(fault, 'alerts not renewed')
    said = faults.map(({ reason }) => reason)
  }
}

interface Fault {
  readonly to?: string
  readonly reason: string
  readonly hint?: string
}

/**
 * One round, and who did not take it: it is told in the next one, and the outbox sees to it that it hears of what is
 * new.
 */
export async function renewOnce(
  receivers: readonly AlertmanagerReceiver[],
  options: RenewingOptions,
  now: Date,
  signal: AbortSignal,
): Promise<readonly Fault[]> {
  // Those of one configuration have it in common.
  const { resolveAfterSeconds = 0 } = receivers[0] ?? {}
  const ongoing = await ongoingOn(options, resolveAfterSeconds, now)
  const faults = await Promise.all(
    receivers.map(async (receiver, at) => {
      const verdict = await renewAt(receiver, ongoing, options, signal)
      if (verdict.kind === 'ok') return []
      return [{ to: receiverName(receiver, at), reason: verdict.reason, hint: verdict.hint }]
    }),
  )
  return faults.flat()
}

async function ongoingOn(options: RenewingOptions, seconds: number, now: Date): Promise<readonly Ongoing[]> {
  const { config, host, alerts } = options
  const folder = host.path(path.posix.join(config.paths.state, 'dedupe'))
  const since = new Date(now.getTime() - seconds * 1000)
  for (const { notification, last } of await countedSince(folder, since))
    alerts.note(notification, last > now ? now : last)
  return alerts.within(seconds, now).map(one => shown(one, options))
}

async function renewAt(
  receiver: AlertmanagerReceiver,
  ongoing: readonly Ongoing[],
  { config, host }: RenewingOptions,
  signal: AbortSignal,
): Promise<Verdict> {
  const network = new Network(config.network, host.root)
  let worst: Verdict = OK
  for (const some of inRequests(ongoing.map(one => alertOf(one, receiver)))) {
    const verdict = await postToReceiver(receiver, alertsRequest(some, receiver), { network }, signal)
    if (verdict.kind !== 'ok') worst = verdict
    // Where one is refused others may be taken; one who is away is not waited for again.
    if (verdict.kind === 'retry') break
  }
  return worst
}

/** Tenants choose how long an alert is, up to some tens of kilobytes. */
function inRequests(alerts: readonly Alert[]): readonly (readonly Alert[])[] {
  const requests: Alert[][] = []
  let room = 0
  for (const alert of alerts) {
    const bytes = Buffer.byteLength(JSON.stringify(alert))
    if (bytes > room) requests.push([])
    room = (bytes > room ? MOST_BYTES : room) - bytes
    requests.at(-1)?.push(alert)
  }
  return requests
}

/** As people are told it. */
function shown({ notification, ...times }: Ongoing, { config, hasApi }: RenewingOptions): Ongoing {
  const { detail, downloadLink } = config.notice
  const way = downloadWay(downloadLink, hasApi())
  return { ...times, notification: inWay(withDetail(notification, detail), way) }
}
