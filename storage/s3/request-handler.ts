import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import type { NodeHttpHandler, NodeHttpHandlerOptions } from '@smithy/node-http-handler'
import { heardOut } from '../../network/heard-out.ts'
import type { HttpProxy } from '../../network/http-proxy.ts'
import type { Network } from '../../network/network.ts'
import { connectThrough, type TunnelOptions } from '../../network/tunnel.ts'

interface Ways {
  readonly network: Network
  /** Absent: the node's DNS. TLS goes on asking for the host's own name. */
  readonly lookup?: LookupFunction | undefined
  readonly connectMs: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  readonly logger: NonNullable<NodeHttpHandlerOptions['logger']>
}

/**
 * How the SDK's requests go: directly or by the network's proxy, each by its own host. The clients that the
 * SDK makes to get credentials use it, too.
 */
export function requestHandler(
  Handler: typeof NodeHttpHandler,
  ways: Ways,
): NonNullable<S3ClientConfig['requestHandler']> {
  const made = new Map<string, NodeHttpHandler>()
  const handlerBy = (proxy: HttpProxy | null, secureContext: SecureContext | null) => {
    const name = `${proxy?.name ?? ''} ${secureContext === null ? '' : 'secure'}`
    const handler = made.get(name) ?? new Handler(optionsOf(ways, secureContext, proxy))
    made.set(name, handler)
    return handler
  }
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (...[request, options]: Parameters<NodeHttpHandler['handle']>) => {
      const { protocol, hostname, port } = request
      const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`)
      // To make it takes longer than to ask a store that needs none.
      const secureContext = protocol === 'https:' ? await ways.network.secureContext() : null
      return await handlerBy(ways.network.proxyFor(url), secureContext).handle(request, options)
    },
    destroy: () => {
      for (const handler of made.values()) handler.destroy()
    },
    // The SDK changes nothing of a handler that it is given.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  }
}

// As the SDK's own agents have it.
const AGENT = { keepAlive: true, maxSockets: 50 }

function optionsOf(
  { lookup, connectMs, idleMs, logger }: Ways,
  secureContext: SecureContext | null,
  proxy: HttpProxy | null,
): NodeHttpHandlerOptions {
  const common = { ...AGENT, ...(lookup !== undefined && { lookup }) }
  const tunnel = proxy && { proxy, lookup, secureContext, timeoutMs: connectMs * 2 }
  return {
    connectionTimeout: tunnel === null ? connectMs : tunnel.timeoutMs,
    socketTimeout: idleMs,
    httpAgent: new HearingHttpAgent({
      ...common,
      ...(proxy && { proxyEnv: { HTTP_PROXY: proxy.url.href } }),
    }),
    httpsAgent:
      tunnel === null
        ? new HearingHttpsAgent({ ...common, ...(secureContext && { secureContext }) })
        : new TunnelAgent(tunnel),
    logger,
  }
}

class HearingHttpAgent extends HttpAgent {
  override createConnection(...args: Parameters<HttpAgent['createConnection']>) {
    // As Node's own agents make it.
    return heardOut(super.createConnection(...args) as Socket)
  }
}

class HearingHttpsAgent extends HttpsAgent {
  override createConnection(...args: Parameters<HttpsAgent['createConnection']>) {
    return heardOut(super.createConnection(...args) as Socket)
  }
}

class TunnelAgent extends HttpsAgent {
  readonly #tunnel: TunnelOptions

  constructor(tunnel: TunnelOptions) {
    super(AGENT)
    this.#tunnel = tunnel
  }

  override createConnection(
    { host, port }: { readonly host?: string | null; readonly port?: string | number | null },
    callback?: (error: Error | null, socket: Socket) => void,
  ): undefined {
    connectThrough(this.#tunnel, { host: host ?? '', port: Number(port ?? 443) }).then(
      socket => callback?.(null, heardOut(socket)),
      (cause: Error) => callback?.(cause, undefined as never),
    )
  }
}
