import type { ReceiverConfigOf, ReceiverKind } from '../../config/receivers/all.ts'
import { alertmanager } from './alertmanager.ts'
import { openTelemetry } from './open-telemetry.ts'
import type { Receiver } from './receiver.ts'
import { sentry } from './sentry.ts'
import { webhook } from './webhook.ts'

/** What each kind is posted. Complete: it does not compile without one that can be configured. */
export const RECEIVERS: { readonly [Kind in ReceiverKind]: Receiver<ReceiverConfigOf<Kind>> } = {
  webhook,
  alertmanager,
  openTelemetry,
  sentry,
}
