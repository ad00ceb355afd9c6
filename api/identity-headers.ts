import { X509Certificate } from 'node:crypto'
import { certificatesIn } from '../serving/certificate/secret.ts'

/** In which headers the API server says who asks. Names in lower case. */
export interface IdentityHeaders {
  readonly user: readonly string[]
  readonly uid: readonly string[]
  readonly group: readonly string[]
  /** What the name of such a header begins with; the rest is the key. */
  readonly extraPrefix: readonly string[]
}

/** By whom, and in which words, a user is vouched for. */
export interface FrontProxySettings {
  /** Of the certificate that it shows. */
  readonly authorities: readonly X509Certificate[]
  /** Common names that it may have; empty: any. */
  readonly allowedNames: readonly string[]
  readonly headers: IdentityHeaders
}

const LONGEST_LIST = 100

/**
 * What the ConfigMap `kube-system/extension-apiserver-authentication` says. Throws with the reason where it cannot be
 * used: then nobody is believed.
 */
export function frontProxySettings(data: Readonly<Record<string, unknown>>): FrontProxySettings {
  const authorities = certificatesIn(String(data['requestheader-client-ca-file'] ?? ''))
  if (authorities.length === 0) throw new Error('requestheader-client-ca-file has no certificate')
  const list = (name: string) => namesIn(data[`requestheader-${name}`], name)
  const lower = (name: string) => list(name).map(header => header.toLowerCase())
  const headers = {
    user: lower('username-headers'),
    uid: lower('uid-headers'),
    group: lower('group-headers'),
    extraPrefix: lower('extra-headers-prefix'),
  }
  if (headers.user.length === 0) throw new Error('requestheader-username-headers names no header')
  return {
    authorities: authorities.map(pem => new X509Certificate(pem)),
    allowedNames: list('allowed-names'),
    headers,
  }
}

function namesIn(text: unknown, name: string): readonly string[] {
  if (text === undefined || text === '') return []
  const list: unknown = typeof text === 'string' ? parsed(text) : null
  if (!Array.isArray(list) || list.length > LONGEST_LIST || !list.every(one => typeof one === 'string'))
    throw new Error(`requestheader-${name} is no list of names`)
  return list
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // as good as anything else that is no list
  }
}
