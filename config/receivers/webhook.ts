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
      if (secret !== '' && secret.length < SHORTEST_SECRET)
        findings.wrong(
          `${key}.secret`,
          'is a value that is not shown, of less than 16 characters',
          'Make one with: openssl rand -base64 32',
        )
      const receiver = httpReceiver('webhook', http, key, findings)
      return secret === '' ? { ...receiver, secret: null } : { ...receiver, secret, secrets: [secret] }
    }),
})
