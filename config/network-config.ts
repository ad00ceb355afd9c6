import { messageOf } from '../crash/errors.ts'
import { certificatesIn } from './certificates.ts'
import type { NetworkConfig } from './config.ts'
import type { ValueOf } from './declaration.ts'
import type { Findings } from './findings.ts'
import type { KEYS } from './keys.ts'

/** How what is outside of the node is reached; `caFile` is still to be read. */
export function networkConfig(
  { caFile, caBundle, proxy, noProxy }: ValueOf<typeof KEYS>['network'],
  findings: Findings,
): NetworkConfig {
  return {
    authorities: caBundle.trim() === '' ? [] : bundle(caBundle, findings),
    caFile,
    proxy: proxy === '' ? null : proxyUrl(proxy, findings),
    noProxy: noProxy.flatMap(text => text.split(/[\s,]+/)).filter(text => text !== ''),
  }
}

function bundle(text: string, findings: Findings): readonly string[] {
  try {
    return certificatesIn(text)
  } catch (cause) {
    findings.wrong(
      'network.caBundle',
      messageOf(cause),
      'Copy the certificate of the authority there, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, below `caBundle: |`.',
    )
    return []
  }
}

function proxyUrl(text: string, findings: Findings): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  const isProxy = url !== null && /^https?:$/.test(url.protocol) && url.hostname !== ''
  if (isProxy && url.pathname === '/' && url.search === '' && url.hash === '') return url.href
  findings.wrong(
    'network.proxy',
    'is a value that is not shown; allowed: a URL that begins with http:// or https://, without a path',
    'Write network.proxy as http://HOST:PORT, with special characters of its password as %XX.',
  )
  return null
}
