import { X509Certificate } from 'node:crypto'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]*-----END CERTIFICATE-----/g

/**
 * The certificates of a text, as PEM; keys and comments beside them are left out. Throws when there is none,
 * or a broken one.
 */
export function certificatesIn(text: string): readonly string[] {
  const found = text.match(CERTIFICATE) ?? []
  if (found.length === 0) throw new Error('holds no certificate in PEM form')
  found.forEach(assertCertificate)
  return found
}

function assertCertificate(pem: string, at: number): void {
  try {
    new X509Certificate(pem)
  } catch {
    // What OpenSSL's parser says of it does not help an operator.
    throw new Error(`holds a certificate that is broken, the ${at + 1}. in it`)
  }
}
