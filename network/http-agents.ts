import type { LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Agent, buildConnector, ProxyAgent } from 'undici'
import type { HttpProxy } from './http-proxy.ts'
import { type ClientCertificate, type Network, PLAIN_NETWORK } from './network.ts'
import type { TunnelOptions } from './tunnel.ts'

/** How those are found who are asked. */
export interface HttpWays {
  /** Absent: names are the node's DNS's. */
  readonly lookup?: LookupFunction | undefined
  /** Absent: directly, and TLS trusts Node's own list and the node's. */
  readonly network?: Network | undefined
  /** By which we are known there; absent: by none. */
  readonly certificate?: ClientCertificate | undefined
}

/** Connections of HTTP, by the network's proxy where there is one, until they are closed. */
export class HttpAgents {
  readonly #connectMilliseconds: number
  readonly #ways: HttpWays
  readonly #agents = new Map<string, Promise<Agent | ProxyAgent>>()

  constructor(connectMilliseconds: number, ways: HttpWays = {}) {
    this.#connectMilliseconds = connectMilliseconds
    this.#ways = ways
  }

  async agentFor(url: URL): Promise<Agent | ProxyAgent> {
    const { network = PLAIN_NETWORK, certificate } = this.#ways
    const isTls = url.protocol === 'https:'
    const proxy = network.proxyFor(url)
    const name = `${isTls} ${proxy?.name}`
    const secureContext = isTls || proxy !== null ? await network.secureContext(certificate) : null
    const agent = this.#agents.get(name) ?? this.#agentBy(proxy, isTls, secureContext)
    this.#agents.set(name, agent)
    return await agent
  }

  async #agentBy(
    proxy: HttpProxy | null,
    isTls: boolean,
    secureContext: SecureContext | null,
  ): Promise<Agent | ProxyAgent> {
    const { Agent, ProxyAgent } = await import('./http-client.ts')
    const { lookup } = this.#ways
    const timeout = this.#connectMilliseconds
    const connect = { timeout, ...(lookup && { lookup }), ...(secureContext && { secureContext }) }
    if (proxy === null) return new Agent({ connect })
    if (isTls)
      return new Agent({ connect: await tunnelled({ proxy, lookup, secureContext, timeoutMs: timeout }) })
    return new ProxyAgent({
      uri: proxy.url.href,
      proxyTunnel: false,
      ...(proxy.authorization !== null && { token: proxy.authorization }),
      proxyTls: connect,
    })
  }

  /** Ends what is under way, too: nothing of it keeps the process alive. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()]
    this.#agents.clear()
    await Promise.all(agents.map(async agent => (await agent).destroy()))
  }
}

async function tunnelled(options: TunnelOptions): Promise<buildConnector.connector> {
  const { connectThrough } = await import('./tunnel.ts')
  return ({ hostname, port }, callback) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    connectThrough(options, { host, port: Number(port || 443) }).then(
      socket => callback(null, socket),
      (cause: Error) => callback(cause, null),
    )
  }
}
