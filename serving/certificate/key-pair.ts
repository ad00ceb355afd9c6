import { createPrivateKey, X509Certificate } from 'node:crypto'
import { messageOf, OperatorError } from '../../crash/errors.ts'

/** A certificate, with those that vouch for it after it, and its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string
  /** PKCS #8, where we made it. */
  readonly key: string
}

/** From when until when a certificate holds. */
export interface Lifetime {
  readonly from: Date
  readonly until: Date
}

/**
 * How long the certificate holds. Throws an OperatorError for a pair that TLS could not use. The key is in no
 * message.
 */
export function checkKeyPair({ certificate, key }: KeyPair, name: string): Lifetime {
  const own = parsed(() => new X509Certificate(certificate), `Cannot use certificate "${name}"`)
  const secret = parsed(() => createPrivateKey(key), `Cannot use the key of certificate "${name}"`)
  if (own.checkPrivateKey(secret)) return { from: own.validFromDate, until: own.validToDate }
  throw new OperatorError(
    `Cannot use certificate "${name}": the key belongs to another one`,
    'If both were replaced a moment ago, this passes; else put the pair there again.',
  )
}

function parsed<T>(parse: () => T, what: string): T {
  try {
    return parse()
  } catch (cause) {
    throw new OperatorError(
      `${what}: ${messageOf(cause)}`,
      'It is PEM, as in a Secret of type kubernetes.io/tls; the key has no password.',
      cause,
    )
  }
}
