import type { SentryReceiver } from '../../config/receivers/sentry.ts'
import { VERSION } from '../../crash/version.ts'
import { jsonText } from './json-text.ts'
import type { Receiver } from './receiver.ts'
import { sentryEvent } from './sentry-event.ts'

/**
 * An envelope with one event: https://develop.sentry.dev/sdk/foundations/envelopes. Crashes that were only counted are
 * none: Sentry counts itself, and would show another one.
 */
export const sentry: Receiver<SentryReceiver> = {
  request: (telling, { url, headers, publicKey }) => {
    if (telling.forPeople.outcome === 'suppressed') return null
    const event = sentryEvent(telling)
    const payload = jsonText(event)
    const lines = [
      jsonText({ event_id: event.event_id, sent_at: telling.now.toISOString() }),
      jsonText({ type: 'event', content_type: 'application/json', length: Buffer.byteLength(payload) }),
      payload,
    ]
    const auth = `Sentry sentry_version=7, sentry_client=coredog/${VERSION}, sentry_key=${publicKey}`
    const own = { 'content-type': 'application/x-sentry-envelope', 'x-sentry-auth': auth }
    return { url, headers: { ...headers, ...own }, body: `${lines.join('\n')}\n` }
  },
}
