import type { WebhookReceiver } from '../../config/receivers/webhook.ts'
import { type CloudEvent, cloudEvent } from './cloud-event.ts'
import { jsonText } from './json-text.ts'
import type { Receiver } from './receiver.ts'

/** A program of the operator's own: CloudEvents 1.0, https://cloudevents.io, in structured JSON. */
export const webhook: Receiver<WebhookReceiver> = {
  request: (telling, { url, headers }) => {
    const event: CloudEvent = cloudEvent(telling)
    return {
      url,
      body: jsonText(event),
      headers: { ...headers, 'content-type': 'application/cloudevents+json; charset=utf-8' },
    }
  },
}
