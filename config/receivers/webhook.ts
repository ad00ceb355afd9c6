import { secretText, sections } from '../declaration.ts'
import { HTTP_KEYS, httpReceiver, type Receiver, receiverKind } from './receiver.ts'

/** A program of the operator's own, which is posted CloudEvents. */
export interface WebhookReceiver extends Receiver<'webhook'> {
  /** Signs what is posted; `null`: it is not signed. */
  readonly secret: string | null
}

/** Shorter ones can be guessed. */
const SHORTEST_SECRET = 16

export const webhook = receiverKind({
  keys: sections({
    url: secretText('Where each crash is posted as a CloudEvent'),
    secret: secretText('Signs what is posted; `whsec_…` or at least 16 characters'),
    ...HTTP_KEYS,
  }),
  read: (all, path, findings): readonly WebhookReceiver[] =>
    all.map(({ secret, ...http }, at) => {
      const key = `${path}[${at}]`
      const state = secret === '' ? null : wrongWith(secret)
      if (state !== null)
        findings.wrong(
          `${key}.secret`,
          `is a value that is not shown, ${state}`,
          'Make one with: openssl rand -base64 32',
        )
      const receiver = httpReceiver('webhook', http, key, findings)
      return secret === '' ? { ...receiver, secret: null } : { ...receiver, secret, secrets: [secret] }
    }),
})

function wrongWith(secret: string): string | null {
  if (secret.length < SHORTEST_SECRET) return 'of less than 16 characters'
  // What is no base64 would be left out of the key, and nothing might remain of it.
  const isKey = /^whsec_[\w+/-]{22,}={0,2}$/.test(secret)
  return secret.startsWith('whsec_') && !isKey ? 'whose part behind whsec_ is not base64 of 16 bytes' : null
}
