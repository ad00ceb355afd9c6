import type { WebhookReceiver } from '../../config/receivers/webhook.ts'
import { cloudEvent } from './cloud-event.ts'
import { jsonText } from './json-text.ts'
import type { Receiver } from './receiver.ts'
import { signatureHeaders } from './webhook-signature.ts'

/** A program of the operator's own: CloudEvents 1.0, https://cloudevents.io, in structured JSON. */
export const webhook: Receiver<WebhookReceiver> = {
  request: (telling, { url, headers, secret }) => {
    const event = cloudEvent(telling)
    const body = jsonText(event)
    const signature =
      secret === null ? {} : signatureHeaders({ id: event.id, body, now: telling.now }, secret)
    const type = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
    return { url, body, headers: { ...headers, ...signature, ...type } }
  },
}
