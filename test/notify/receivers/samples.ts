import { parseConfig } from '../../../config/parse-config.ts'
import type { ReceiverConfig, ReceiverKind } from '../../../config/receivers/all.ts'
import type { Notification } from '../../../notify/notification.ts'
import type { Telling } from '../../../notify/receivers/receiver.ts'
import { tellingOf } from '../../../notify/tell-receiver.ts'
import type { Verdict } from '../../../notify/verdict.ts'

/** What the conformance suite needs to know of a kind of receiver: a line for each. */
interface Sample {
  /** What an operator writes, with `URL` for its address (`DSN` for one of Sentry), and `MORE` for `headers`, `certFile` and `keyFile`. */
  readonly written: string
  /** The user in its address is its key, and no user of HTTP. */
  readonly isUserItsKey?: true
  /** Nobody is told then: it has a list of addresses. */
  readonly mayHaveNoAddress?: true
  /** What it says to what it does not want, with status 200, if it does; and what we make of that. */
  readonly refusal?: { readonly body: string; readonly kind: Verdict['kind'] }
}

export const SAMPLES: Readonly<Record<ReceiverKind, Sample>> = {
  alertmanager: {
    written: '{urls: ["URL"], labels: {severity: page}, MORE}',
    mayHaveNoAddress: true,
    refusal: { body: '{"status": "error", "error": "no such tenant"}', kind: 'failed' },
  },
  webhook: { written: '[{url: "URL", secret: "0123456789abcdef-of-the-webhook", MORE}]' },
  openTelemetry: {
    written: '[{url: "URL", MORE}]',
    refusal: {
      body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}',
      kind: 'failed',
    },
  },
  sentry: { written: '[{dsn: "DSN", MORE}]', isUserItsKey: true },
}

/** What an operator writes below `destinations`. */
export function writtenOf(kind: ReceiverKind, url = 'https://told.example/x', more = 'headers: {}'): string {
  const dsn = URL.canParse(url) ? dsnAt(new URL(url)) : url
  return SAMPLES[kind].written.replace('URL', url).replace('DSN', dsn).replace('MORE', more)
}

/** The DSN of a project of Sentry at the host of `url`. */
function dsnAt({ protocol, host, pathname, password }: URL): string {
  return `${protocol}//0123456789abcdef0123456789abcdef:${password}@${host}${pathname.replace(/[^/]*$/, '42')}`
}

/** A configuration with one receiver of `kind`, at `url`. */
export function receiverOf(kind: ReceiverKind, url: string, more = 'headers: {}'): ReceiverConfig {
  const { config } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\ndestinations: {${kind}: ${writtenOf(kind, url, more)}}`,
  )
  return config.receivers[0]!
}

export function told(notification: Notification): Telling {
  const way = { link: true, command: false }
  return tellingOf(
    notification,
    { firstAt: '2026-11-21T04:21:19.000Z', way },
    new Date('2026-11-21T04:21:20Z'),
  )
}
