import { X509Certificate } from 'node:crypto'
import type { KubeObject } from '../../kube/objects.ts'
import type { KeyPair } from './key-pair.ts'

export interface Secret extends KubeObject {
  readonly type?: string
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>
}

/** What we keep in our Secret: all of it PEM. */
export interface Kept {
  readonly serving: KeyPair
  /** Whose certificates are trusted, the newest first: it is the one that signs. */
  readonly authorities: readonly string[]
  readonly authorityKey: string
}

const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** Whether it is for `owner` to write. Any other was given by cert-manager or an operator. */
export function isOwnedBy({ metadata }: Secret, owner: string): boolean {
  return metadata?.labels?.[MANAGED_BY] === owner || metadata?.annotations?.[MANAGED_BY] === owner
}

/** An entry that is not there is empty, and so is none of which anything can be made. */
export function keptIn(secret: Secret): Kept {
  return {
    serving: { certificate: entry(secret, 'tls.crt'), key: entry(secret, 'tls.key') },
    authorities: certificatesIn(entry(secret, 'ca.crt')),
    authorityKey: entry(secret, 'ca.key'),
  }
}

/** Whether it is as the manifests make it. */
export function isEmpty({ data }: Secret): boolean {
  return Object.keys(data ?? {}).length === 0
}

export function dataOf({ serving, authorities, authorityKey }: Kept): Record<string, string> {
  return {
    'tls.crt': base64(serving.certificate),
    'tls.key': base64(serving.key),
    'ca.crt': base64(authorities.join('')),
    'ca.key': base64(authorityKey),
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates in `pem`, each PEM again; what is none is left out. */
export function certificatesIn(pem: string): string[] {
  return [...pem.matchAll(PEM)].flatMap(([text]) => readCertificate(text)?.toString() ?? [])
}

/** The first certificate in `pem`; `null`: there is none. */
export function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    // Whatever is in there, it is no certificate: the caller has to do without.
    return null
  }
}

function entry({ data }: Secret, name: string): string {
  const value: unknown = data?.[name]
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : ''
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
