import { createHmac } from 'node:crypto'

/** A secret of that form is base64, any other one its own bytes. */
const BASE64 = 'whsec_'

interface Signed {
  readonly id: string
  readonly body: string
  readonly now: Date
}

/**
 * Headers by which a receiver knows that `body` is ours, and not an old one: those of
 * https://www.standardwebhooks.com, for which there are libraries.
 */
export function signatureHeaders(
  { id, body, now }: Signed,
  secret: string,
): Readonly<Record<string, string>> {
  const seconds = Math.floor(now.getTime() / 1000)
  const digest = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': `${seconds}`, 'webhook-signature': `v1,${digest}` }
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(BASE64) ? Buffer.from(secret.slice(BASE64.length), 'base64') : Buffer.from(secret)
}
