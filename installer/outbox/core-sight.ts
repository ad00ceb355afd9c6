import type { Logger } from 'pino'
import type { CoreSightConfig } from '../../config/config.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Network } from '../../network/network.ts'
import { type Answer, Poster, verdictOfError } from '../../notify/poster.ts'
import { OK, type Verdict } from '../../notify/verdict.ts'
import { withEnvironment } from './core-sight-config.ts'
import { type CoreSightEvent, coreSightEvent, missingFields } from './core-sight-event.ts'
import type { Destination, Reach } from './destination.ts'

const LIMITS = { connectMilliseconds: 10_000, requestMilliseconds: 30_000 }

/** Refusals that say nothing of the event itself: a slow client, an early one, one of too many. */
const PASSING = [408, 425, 429]

const HINT = 'Check CoreSight.apiUrl, and CoreSight.token, and the log of CoreSight.'

/** CoreSight, if it is to be told. The line that the log gets is that of the original CoreDog. */
export function coreSight({ config, env, log, network }: Reach): readonly Destination[] {
  if (!config.coreSight.enabled) return []
  const to = withEnvironment(config.coreSight, env)
  if (to.url === null) log.warn({}, 'CoreSight API URL is not configured, event reporting disabled')
  else log.info({}, `CoreSight integration enabled: ${shownUrl(to.url)}`)
  return [
    {
      target: 'coreSight',
      name: 'coreSight',
      kind: 'coreSight',
      deliver: (entry, signal) => reportToCoreSight(entry, to, { log, network }, signal),
    },
  ]
}

/**
 * Reports a stored core to CoreSight, so that it is analysed. An event that lacks what CoreSight needs is
 * skipped, which counts as done: it would not become better. The lines that the log gets are those of the
 * original CoreDog.
 */
export async function reportToCoreSight(
  entry: OutboxEntry,
  { url, token }: Pick<CoreSightConfig, 'url' | 'token'>,
  { log, network }: { readonly log: Logger; readonly network: Network },
  signal: AbortSignal,
): Promise<Verdict> {
  if (url === null) return { kind: 'failed', reason: 'there is no address to post to', hint: HINT }
  const event = coreSightEvent(entry, token)
  const missing = missingFields(event)
  if (missing.length > 0) {
    const file = event.data.file_name
    log.warn({}, `skip reporting to CoreSight due to missing fields: [${missing.join(' ')}], file=${file}`)
    return OK
  }
  const poster = new Poster(LIMITS, { network })
  try {
    const body = { ...event }
    const answer = await poster.post({ url, body, headers: headersOf(event, url) }, signal)
    const verdict = verdictOf(answer)
    if (verdict.kind === 'ok') logReported(event, url, answer.status, log)
    return verdict
  } catch (thrown) {
    return later(thrown)
  } finally {
    await poster.close()
  }
}

/**
 * A user and password in the address are sent as Go's client, which the original CoreDog used, sends them.
 */
function headersOf({ token }: CoreSightEvent, url: string): Record<string, string> {
  const type = { 'content-type': 'application/json' }
  if (token !== undefined) return { ...type, authorization: `Bearer ${token}` }
  const { username, password } = new URL(url)
  if (username === '' && password === '') return type
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { ...type, authorization: `Basic ${Buffer.from(user).toString('base64')}` }
}

function verdictOf({ status, retryAfterSeconds }: Answer): Verdict {
  if (status >= 200 && status < 300) return OK
  const reason = `CoreSight answered with HTTP ${status}`
  const isFinal = status >= 400 && status < 500 && !PASSING.includes(status)
  return isFinal
    ? { kind: 'failed', reason, hint: HINT }
    : { kind: 'retry', reason, hint: HINT, afterSeconds: retryAfterSeconds }
}

/** A certificate is renewed and a name comes back; only an address that is none stays so. */
function later(thrown: unknown): Verdict {
  const verdict = verdictOfError(thrown)
  const reason = verdict.kind === 'ok' ? '' : verdict.reason
  const isAddress = /INVALID/.test(String((thrown as { code?: unknown } | null)?.code))
  return isAddress
    ? { kind: 'failed', reason, hint: HINT }
    : { kind: 'retry', reason, hint: HINT, afterSeconds: 0 }
}

function logReported({ id, data }: CoreSightEvent, url: string, status: number, log: Logger): void {
  const { executable_path: executable, file_size: size, md5 } = data
  log.info(
    {},
    `[CoreSight] Successfully reported coredump uploaded event: ${shownUrl(url)} (event_id: ${id}, status: ${status})`,
  )
  log.info({}, `CoreSight event reported: executable=${executable}, size=${size}, md5=${md5}`)
}

/** Without what may be secret in it. */
function shownUrl(url: string): string {
  if (!URL.canParse(url)) return '(not an address)'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
