import { secretText, sections } from '../declaration.ts'
import type { Findings } from '../findings.ts'
import { HTTP_KEYS, httpReceiver, type Receiver, receiverKind } from './receiver.ts'

/** A project of Sentry, or of what takes the same: GlitchTip, Bugsink. `url` is that of its envelopes. */
export interface SentryReceiver extends Receiver<'sentry'> {
  /** Of the DSN: who has it can write into the project. */
  readonly publicKey: string
}

export const sentry = receiverKind({
  keys: sections({
    dsn: secretText('DSN of the project, from its settings (Client Keys): `https://key@host/number`'),
    ...HTTP_KEYS,
  }),
  read: (all, path, findings): readonly SentryReceiver[] =>
    all.map(({ dsn, ...http }, at) => {
      const key = `${path}[${at}]`
      const { url, publicKey } = partsOf(dsn, `${key}.dsn`, findings)
      const receiver = httpReceiver('sentry', { ...http, url }, key, findings, 'dsn')
      return { ...receiver, publicKey, secrets: [publicKey, dsn] }
    }),
})

interface Parts {
  readonly url: string
  readonly publicKey: string
}

/** `https://PUBLIC_KEY@HOST/PATH/PROJECT`: https://develop.sentry.dev/sdk/foundations/transport/authentication */
function partsOf(dsn: string, key: string, findings: Findings): Parts {
  // What is no address at all is said of each receiver.
  if (!URL.canParse(dsn)) return { url: dsn, publicKey: '' }
  const { protocol, host, pathname, username, password } = new URL(dsn)
  const [, folder, project] = /^(.*)\/(\d+)\/?$/.exec(pathname) ?? []
  // A DSN of before has a secret behind the key, of which nobody asks any more.
  if (!/^[\w-]+:[\w-]*$/.test(`${username}:${password}`) || project === undefined)
    findings.wrong(
      key,
      'is a value that is not shown; allowed: KEY@HOST/NUMBER behind http:// or https://',
      'Copy the DSN from the settings of the project: Client Keys.',
    )
  return {
    url: `${protocol}//${host}${folder ?? ''}/api/${project ?? 0}/envelope/`,
    publicKey: username,
  }
}
