import { OperatorError } from '../../crash/errors.ts'
import type { KeyPair } from './key-pair.ts'
import { faultOfPair, issuerOf } from './plan.ts'
import { certificatesIn, keptIn, type Secret } from './secret.ts'

/**
 * What is to be served, and which authorities are to be believed for it; `null`: the giver of the pair says
 * which.
 */
export interface Certificates {
  readonly serving: KeyPair
  readonly authorities: readonly string[] | null
}

/** What an operator or cert-manager has put into the Secret. Rejects what cannot be served. */
export function givenCertificates(
  secret: Secret,
  { secretName, owner }: { readonly secretName: string; readonly owner: string },
  now: Date,
): Certificates {
  const { serving, authorities } = keptIn(secret)
  const fault = faultOfPair(serving, [], now)
  if (fault !== null)
    throw new OperatorError(
      `Cannot use the certificate in Secret "${secretName}": it ${fault}`,
      `Put a certificate and its key into tls.crt and tls.key; or delete the Secret and apply its manifest, and ${owner} makes its own.`,
    )
  if (authorities.length > 0) return { serving, authorities }
  const [leaf = ''] = certificatesIn(serving.certificate)
  return { serving, authorities: issuerOf(leaf, [leaf]) === null ? null : [leaf] }
}
