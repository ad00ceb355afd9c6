import { createPrivateKey, type X509Certificate } from 'node:crypto'
import type { KeyPair } from './key-pair.ts'
import { isEmpty, isOwnedBy, type Kept, keptIn, readCertificate, type Secret } from './secret.ts'

/**
 * - `given`: by cert-manager or an operator, as it is.
 * - `use`: ours, as it is.
 * - `renew`: a new serving certificate of the newest authority.
 * - `succeed`: a new authority beside the one that there is, which goes on serving until every API server
 *   trusts the new one.
 * - `make`: everything anew.
 */
export interface CertificatePlan {
  readonly action: 'given' | 'use' | 'renew' | 'succeed' | 'make'
  readonly reason: string
}

interface Wanted {
  /** Who may write the Secret, as its label or annotation says. */
  readonly owner: string
  /** The names that the server is called by. */
  readonly hosts: readonly string[]
  /** Whether the API server would believe a certificate of this authority's by now. */
  readonly isTrusted: (authority: string) => boolean
  readonly now: Date
}

/** Every replica decides the same of the same Secret: the first reason wins. */
export function planCertificate(secret: Secret, wanted: Wanted): CertificatePlan {
  if (!isOwnedBy(secret, wanted.owner)) return { action: 'given', reason: 'it is not ours' }
  if (isEmpty(secret)) return { action: 'make', reason: 'the Secret is empty' }
  const kept = keptIn(secret)
  const { hosts, isTrusted, now } = wanted
  const [newest = ''] = kept.authorities
  const authorityFault = faultOfAuthority(newest, kept.authorityKey, now)
  if (authorityFault !== null) return { action: 'make', reason: `the authority ${authorityFault}` }
  const servingFault = faultOfServing(kept, hosts, now)
  if (servingFault !== null) return { action: 'renew', reason: `the certificate ${servingFault}` }
  if (issuerOf(kept.serving.certificate, kept.authorities) !== newest)
    return isTrusted(newest)
      ? { action: 'renew', reason: 'the new authority is trusted' }
      : { action: 'use', reason: 'the new authority is not trusted yet' }
  if (isDue(kept.serving.certificate, now))
    return { action: 'renew', reason: 'two thirds of its life are over' }
  if (isDue(newest, now)) return { action: 'succeed', reason: "two thirds of the authority's life are over" }
  return { action: 'use', reason: 'it is sound' }
}

/** Which of `authorities` signed it; `null`: none of them. */
export function issuerOf(certificate: string, authorities: readonly string[]): string | null {
  const read = readCertificate(certificate)
  if (read === null) return null
  return authorities.find(authority => isIssuedBy(read, authority)) ?? null
}

/** Why it should not be served: the words go after "the certificate"; `null`: it is fine. */
export function faultOfPair(
  { certificate, key }: KeyPair,
  hosts: readonly string[],
  now: Date,
): string | null {
  const read = readCertificate(certificate)
  if (read === null) return 'cannot be read'
  if (!hasKey(read, key)) return 'has another key'
  if (!isWithin(read, now)) return 'is not valid at this time'
  const missing = hosts.find(host => read.checkHost(host, { subject: 'never' }) === undefined)
  return missing === undefined ? null : `is not for "${missing}"`
}

function faultOfServing({ serving, authorities }: Kept, hosts: readonly string[], now: Date): string | null {
  const fault = faultOfPair(serving, hosts, now)
  if (fault !== null) return fault
  return issuerOf(serving.certificate, authorities) === null ? 'is of another authority' : null
}

function faultOfAuthority(certificate: string, key: string, now: Date): string | null {
  const read = readCertificate(certificate)
  if (read === null) return 'cannot be read'
  if (!read.ca) return 'is none'
  if (!hasKey(read, key)) return 'has another key'
  return isWithin(read, now) ? null : 'is not valid at this time'
}

function isIssuedBy(certificate: X509Certificate, authority: string): boolean {
  const read = readCertificate(authority)
  return read !== null && certificate.checkIssued(read) && certificate.verify(read.publicKey)
}

function hasKey(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    // No key at all. The error is dropped: it is about a secret.
    return false
  }
}

function isWithin({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  return validFromDate <= now && now < validToDate
}

function isDue(certificate: string, now: Date): boolean {
  const read = readCertificate(certificate)
  if (read === null) return true
  const [from, to] = [read.validFromDate.getTime(), read.validToDate.getTime()]
  return now.getTime() >= from + ((to - from) * 2) / 3
}
