import { absolutePath, labels, type Section, type ValueOf } from '../declaration.ts'
import type { Findings } from '../findings.ts'
import { isHttpUrl } from '../http-url.ts'
import { isReadOnItsWay } from '../plain-http.ts'

/** What the configuration says of one program that is told of crashes over HTTP. */
export interface Receiver<Kind extends string = string> {
  readonly kind: Kind
  /** Where it is told. A secret: its path or its user may be one. Never logged. */
  readonly url: string
  /** Of the operator, sent with each request; names in lower case. Their values are secrets. */
  readonly headers: Readonly<Record<string, string>>
  /** By which the program knows us; absent: it does not ask. */
  readonly certificate?: CertificateFiles
  /** What else of it no log may show. */
  readonly secrets?: readonly string[]
}

/** As the installer's container has them. They are read for each delivery: both are renewed at times. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** A kind of receiver: what an operator writes of it, and what the programs get of that. */
export interface ReceiverKindOf<D, R extends Receiver> {
  readonly keys: D
  /** Of what is wrong, `findings` hears. `path` is where `settings` stand. */
  readonly read: (settings: ValueOf<D>, path: string, findings: Findings) => readonly R[]
}

/** For the compiler: what a line of {@link RECEIVERS} is made by. */
export function receiverKind<D, R extends Receiver>(kind: ReceiverKindOf<D, R>): ReceiverKindOf<D, R> {
  return kind
}

/** What every kind has. */
export const HTTP_KEYS = {
  headers: labels('Headers of your own, such as `Authorization`; put secret ones into coredog-secrets.yaml'),
  certFile: absolutePath('', 'Certificate that we show (PEM), as the installer’s container has it'),
  keyFile: absolutePath('', 'Its key (PEM)'),
}

type HttpSettings = ValueOf<Section<typeof HTTP_KEYS>>

/** Whatever is wrong with it goes to `findings`. `urlKey`: how its address is called below `path`. */
export function httpReceiver<Kind extends string>(
  kind: Kind,
  { url, headers, certFile, keyFile }: HttpSettings & { readonly url: string },
  path: string,
  findings: Findings,
  urlKey = 'url',
): Receiver<Kind> {
  const key = `${path}.${urlKey}`
  checkUrl(key, url, findings)
  if (isReadOnItsWay(url)) findings.warn(key, 'begins with http://: crashes can be read on their way')
  checkFiles(path, { certFile, keyFile }, findings)
  return {
    ...{ kind, url, headers: headersIn(headers, `${path}.headers`, findings) },
    ...(certFile !== '' && { certificate: { certFile, keyFile } }),
  }
}

function checkUrl(key: string, url: string, findings: Findings): void {
  if (isHttpUrl(url) && hasReadableUser(new URL(url))) return
  const state = url === '' ? 'is not set' : 'is a value that is not shown'
  findings.wrong(
    key,
    `${state}; allowed: a URL that begins with http:// or https://`,
    `Write into ${key} where it is to be told, as one line in quotes.`,
  )
}

function hasReadableUser({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    // A `%` that begins no byte, or bytes that are no text: what is meant nobody knows.
    return false
  }
}

function checkFiles(path: string, { certFile, keyFile }: CertificateFiles, findings: Findings): void {
  if ((certFile === '') === (keyFile === '')) return
  const [missing, other] = certFile === '' ? ['certFile', 'keyFile'] : ['keyFile', 'certFile']
  findings.wrong(
    `${path}.${missing}`,
    `is not set, but ${other} is`,
    `Set both: of a Secret of type kubernetes.io/tls they are tls.crt and tls.key.`,
  )
}

/** What HTTP itself needs, and what we say of the body. */
const OURS = [
  'content-type',
  'content-length',
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'expect',
  'upgrade',
]

function headersIn(
  headers: Readonly<Record<string, string>>,
  path: string,
  findings: Findings,
): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => {
    const state = wrongWith(name.toLowerCase(), value)
    if (state !== null)
      findings.wrong(path, state, 'Correct the header; docs/destinations.md has an example.')
    return [name.toLowerCase(), value.trim()]
  })
  return Object.fromEntries(entries)
}

/** Values are not shown: they may be secrets. */
function wrongWith(name: string, value: string): string | null {
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) return 'has a name that is none of a header'
  if (OURS.includes(name) || name.startsWith('webhook-')) return `has ${name}, which is CoreDog's own`
  return /^[\t\x20-\x7e]{1,8192}$/.test(value.trim())
    ? null
    : `has a value of ${name} that no header can have`
}
