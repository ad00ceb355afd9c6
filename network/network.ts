import type { SecureContext } from 'node:tls'
import type { NetworkConfig } from '../config/config.ts'
import { HttpProxy } from './http-proxy.ts'
import { goesDirectly } from './no-proxy.ts'
import { nodeAuthorities } from './node-authorities.ts'

/**
 * How what is outside of the node is reached. Other programs take it from their environment
 * (`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, `HTTPS_PROXY`, `NO_PROXY`); the kernel starts a handler with none,
 * and all three programs shall do the same.
 */
export class Network {
  readonly #config: NetworkConfig
  readonly #nodeRoot: string
  #secureContext: Promise<SecureContext | null> | null = null

  /** `nodeRoot` is where the root of the node is for us. */
  constructor(config: NetworkConfig, nodeRoot = '/') {
    this.#config = config
    this.#nodeRoot = nodeRoot
  }

  /**
   * Whom TLS trusts: Node's own list, what the node trusts, and what the configuration names. Made once, when
   * it is first needed, as that takes some milliseconds; `null`: Node's list is all. With `certificate`, which we
   * show where we are asked for one, each time anew.
   */
  secureContext(certificate?: ClientCertificate): Promise<SecureContext | null> {
    // Of a certificate that may be another one next time there is nothing to keep.
    if (certificate !== undefined) return this.#makeSecureContext(certificate)
    this.#secureContext ??= this.#makeSecureContext()
    return this.#secureContext
  }

  async #makeSecureContext(certificate?: ClientCertificate): Promise<SecureContext | null> {
    // Not before it is needed: a handler starts at each crash, and TLS takes long to load.
    const { createSecureContext, getCACertificates } = await import('node:tls')
    const usual = getCACertificates('default')
    const known = new Set(usual.map(bare))
    const more = [...(await nodeAuthorities(this.#nodeRoot)), ...this.#config.authorities]
    const others = more.filter(pem => !known.has(bare(pem)))
    if (others.length === 0 && certificate === undefined) return null
    return createSecureContext({ ca: [...usual, ...others], ...certificate })
  }

  /** The proxy by which `url` is asked; `null`: it is asked directly. */
  proxyFor(url: URL): HttpProxy | null {
    const { proxy, noProxy } = this.#config
    return proxy === null || goesDirectly(url, noProxy) ? null : new HttpProxy(proxy)
  }
}

/** As PEM. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

/** PEM may be wrapped anywhere. */
function bare(pem: string): string {
  return pem.replace(/\s+/g, '')
}

/** Node's own list and no proxy: where there is no configuration yet. */
export const PLAIN_NETWORK = new Network({ authorities: [], caFile: '', proxy: null, noProxy: [] })
