import type { AlertmanagerReceiver } from '../../config/receivers/alertmanager.ts'
import { fieldsIn } from '../../crash/fields.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { Answer, PosterRequest } from '../poster.ts'
import { OK, type Verdict } from '../verdict.ts'
import { type Alert, alertOf } from './alert.ts'
import { verdictOfReceiver } from './answers.ts'
import { jsonText } from './json-text.ts'
import type { Receiver, Telling } from './receiver.ts'

/**
 * Alertmanager, by its API v2. An alert is a state: it begins with a crash, and ends by itself some time after the
 * last one like it. As long as it lasts it is told again: installer/outbox/renew-alerts.ts.
 */
export const alertmanager: Receiver<AlertmanagerReceiver> = {
  request: (telling, receiver) => {
    const alert = alertFor(telling, receiver)
    return alert === null ? null : alertsRequest([alert], receiver)
  },
  verdict: verdictOfAlertmanager,
}

export function alertsRequest(
  alerts: readonly Alert[],
  { url, headers }: Pick<AlertmanagerReceiver, 'url' | 'headers'>,
): PosterRequest {
  return { url, headers, body: jsonText(alerts) }
}

/** `null`: what it tells of is over. Of all nodes together each renews its own, so a count of all is no news. */
function alertFor({ forPeople, isKnown, now }: Telling, receiver: AlertmanagerReceiver): Alert | null {
  const { outcome, update, report } = forPeople
  if (update !== undefined) return null
  const crashed = new Date(report.time ?? now)
  // A core that was kept or lost is told of however late, as long as no Alertmanager knows of it: people hear of it by
  // one, and another that was away for hours would begin it anew.
  const last = (outcome === 'suppressed' || isKnown) && crashed < now ? crashed : now
  const alert = alertOf({ notification: forPeople, since: crashed, last }, receiver)
  return new Date(alert.endsAt) > now ? alert : null
}

function verdictOfAlertmanager(answer: Answer): Verdict {
  const verdict = verdictOfReceiver(answer)
  const said = saidIn(answer.body)
  if (verdict.kind !== 'ok')
    return said === '' ? verdict : { ...verdict, reason: `${verdict.reason}: ${said}` }
  // It says nothing when it has taken alerts. A page to log in at is another program's.
  if (!/^\s*</.test(answer.body) && !isError(answer.body)) return OK
  const hint = 'Check destinations.alertmanager.urls, and what stands before it.'
  const reason = `it answered with HTTP ${answer.status}, and not as an Alertmanager does`
  return { kind: 'failed', reason: said === '' ? reason : `${reason}: ${said}`, hint }
}

function isError(body: string): boolean {
  const { status, error } = fieldsIn(body) ?? {}
  return status === 'error' || error !== undefined
}

/** What it says is wrong: `"start time must be before end time"`, or `{"message": …}`. */
function saidIn(body: string): string {
  const { message, error } = fieldsIn(body) ?? {}
  const said = message ?? error ?? (/^"[^"]{1,1000}"\s*$/.test(body) ? body.trim().slice(1, -1) : '')
  return typeof said === 'string' ? plain(said, 200) : ''
}
