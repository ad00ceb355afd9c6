import type { X509Certificate } from 'node:crypto'

const LONGEST_CHAIN = 5

/**
 * Whether one of `authorities` signed it, at once or by way of others that came with it, and it is valid now. Asked at
 * each request: a connection may be older than the authorities, and outlive its certificate.
 */
export function isVouchedFor(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  now: number,
): boolean {
  let current: X509Certificate | undefined = certificate
  for (let depth = 0; current !== undefined && depth < LONGEST_CHAIN; depth += 1) {
    const one: X509Certificate = current
    if (!isWithin(one, now)) return false
    if (authorities.some(authority => isWithin(authority, now) && isIssuedBy(one, authority))) return true
    const next = one.issuerCertificate
    current = next?.ca === true && isIssuedBy(one, next) ? next : undefined
  }
  return false
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isWithin({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now < validToDate.getTime()
}
