import type { ValueOf } from '../declaration.ts'
import type { Findings } from '../findings.ts'
import { alertmanager } from './alertmanager.ts'
import { openTelemetry } from './open-telemetry.ts'
import { sentry } from './sentry.ts'
import { webhook } from './webhook.ts'

/**
 * The kinds of programs that are told of crashes over HTTP, by what `destinations` calls them, in the order in
 * which they are told. Another one is a line here and in notify/receivers/all.ts, and a file in both rooms.
 */
export const RECEIVERS = { webhook, alertmanager, openTelemetry, sentry } as const

type Receivers = typeof RECEIVERS

export type ReceiverKind = keyof Receivers

export type ReceiverConfigOf<Kind extends ReceiverKind> = ReturnType<Receivers[Kind]['read']>[number]

export type ReceiverConfig = { [Kind in ReceiverKind]: ReceiverConfigOf<Kind> }[ReceiverKind]

// The table has no other keys than its own.
export const RECEIVER_KINDS = Object.keys(RECEIVERS) as readonly ReceiverKind[]

type ReceiverKeys = { readonly [Kind in ReceiverKind]: Receivers[Kind]['keys'] }

/** What `destinations` of coredog.yaml may hold. */
export const RECEIVER_KEYS = Object.fromEntries(
  RECEIVER_KINDS.map(kind => [kind, RECEIVERS[kind].keys]),
) as ReceiverKeys

/** All receivers of a configuration. */
export function receiversIn(
  settings: { readonly [Kind in ReceiverKind]: ValueOf<ReceiverKeys[Kind]> },
  findings: Findings,
): readonly ReceiverConfig[] {
  return RECEIVER_KINDS.flatMap(kind => receiversOf(kind, settings, findings))
}

function receiversOf<Kind extends ReceiverKind>(
  kind: Kind,
  settings: { readonly [Kind in ReceiverKind]: ValueOf<ReceiverKeys[Kind]> },
  findings: Findings,
): readonly ReceiverConfig[] {
  // TypeScript cannot see that reader and settings are of the same kind.
  const { read } = RECEIVERS[kind] as unknown as {
    read: (settings: unknown, path: string, findings: Findings) => readonly ReceiverConfig[]
  }
  const path = `destinations.${kind}`
  const found = read(settings[kind], path, findings)
  const urls = found.map(({ url }) => url)
  if (new Set(urls).size < urls.length) findings.warn(path, 'has an address twice: it is told once')
  return found
}
