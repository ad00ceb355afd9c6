import { isIP } from 'node:net'
import { providerOf } from './provider.ts'

/** `S3Endpoint`, understood. */
export interface Endpoint {
  /** Scheme, host and port; nothing else. */
  readonly url: string
  readonly hostname: string
  /** Whether the scheme is our guess and could as well have been the other one. */
  readonly guessed: boolean
}

/** What {@link parseEndpoint} reads, in words for a person. */
export const ENDPOINT_FORM = 'a host, host:port, or an http:// or https:// URL without a path'

/**
 * Understands `host[:port]`, with or without scheme; `null` when it is none.
 *
 * The original CoreDog spoke plain HTTP to all. Clouds get HTTPS here. To a store in one's own network, which
 * rarely has a certificate, HTTP stays: an IP, a name without dots, a service of the cluster, an odd port.
 */
export function parseEndpoint(text: string): Endpoint | null {
  const [, scheme, host] = /^(?:(https?):\/\/)?([^/?#@\\\s]{1,255})\/?$/i.exec(text) ?? []
  if (host === undefined || !URL.canParse(`https://${host}`)) return null
  const { hostname } = new URL(`https://${host}`)
  const guess = guessScheme(hostname, /:(\d+)$/.exec(host)?.[1])
  const { origin } = new URL(`${scheme?.toLowerCase() ?? guess.scheme}://${host}`)
  return ossForS3({ url: origin, hostname, guessed: scheme === undefined && !guess.sure })
}

function guessScheme(
  hostname: string,
  port: string | undefined,
): { scheme: 'http' | 'https'; sure: boolean } {
  if (port === '443') return { scheme: 'https', sure: true }
  if (port === '80') return { scheme: 'http', sure: true }
  if (providerOf(hostname) !== null) return { scheme: 'https', sure: true }
  return { scheme: port !== undefined || isInternal(hostname) ? 'http' : 'https', sure: false }
}

function isInternal(hostname: string): boolean {
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || !hostname.includes('.')) return true
  return /\.(?:svc|cluster\.local|local|localhost)$/.test(hostname)
}

/** OSS answers the S3 API under `s3.oss-…` by its documents; people copy `oss-…` from its console. */
function ossForS3(endpoint: Endpoint): Endpoint {
  if (!/^oss-[a-z0-9-]+\.aliyuncs\.com$/.test(endpoint.hostname)) return endpoint
  const hostname = `s3.${endpoint.hostname}`
  return { ...endpoint, hostname, url: endpoint.url.replace('://', '://s3.') }
}
