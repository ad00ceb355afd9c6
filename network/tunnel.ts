import { request as requestByHttp } from 'node:http'
import { request as requestByHttps } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import type { HttpProxy } from './http-proxy.ts'
import { ProxyError } from './proxy-error.ts'

export interface TunnelOptions {
  readonly proxy: HttpProxy
  /** Of the proxy's own name. Absent: the node's DNS. */
  readonly lookup?: LookupFunction | undefined
  /** `null`: Node's own list is trusted. */
  readonly secureContext: SecureContext | null
  /** For all of it: the proxy, its answer, and TLS with the one behind it. */
  readonly timeoutMs: number
}

interface Destination {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * TLS with `destination` through the proxy. Rejects with a {@link ProxyError} where it is the proxy that does
 * not go along.
 *
 * Not by undici's ProxyAgent: seen with 7.30, it asks a proxy that closes the connection again and again,
 * without a pause and for ever, whatever signal the request has.
 */
export async function connectThrough(options: TunnelOptions, destination: Destination): Promise<TLSSocket> {
  const signal = AbortSignal.timeout(options.timeoutMs)
  const tunnel = await openTunnel(options, destination, signal)
  return secured(tunnel, options.secureContext, destination, signal)
}

function openTunnel(
  { proxy, lookup, secureContext }: TunnelOptions,
  { host, port }: Destination,
  signal: AbortSignal,
): Promise<Socket> {
  const { url, authorization, name } = proxy
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const proxyHost = url.hostname.replace(/^\[|\]$/g, '')
  const request = url.protocol === 'https:' ? requestByHttps : requestByHttp
  return new Promise((resolve, reject) => {
    request({
      method: 'CONNECT',
      host: proxyHost,
      // Of itself Node takes the name in the Host header, which is of whom the tunnel leads to.
      servername: nameOf(proxyHost),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: authority,
      headers: { host: authority, ...(authorization !== null && { 'proxy-authorization': authorization }) },
      agent: false,
      signal,
      ...(lookup && { lookup }),
      ...(secureContext && { secureContext }),
    })
      .on('error', cause => reject(ProxyError.unreachable(name, cause)))
      .on('connect', ({ statusCode = 0 }, socket) => {
        if (statusCode >= 200 && statusCode < 300) return resolve(socket)
        socket.destroy()
        reject(ProxyError.refused(name, statusCode))
      })
      .end()
  })
}

function secured(
  socket: Socket,
  secureContext: SecureContext | null,
  { host }: Destination,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const tls = connect({ socket, host, servername: nameOf(host), ...(secureContext && { secureContext }) })
  const onLate = () => tls.destroy(signal.reason)
  signal.addEventListener('abort', onLate)
  tls.once('error', reject).once('close', () => reject(new Error('the tunnel was closed')))
  tls.once('secureConnect', () => resolve(tls))
  return promise.finally(() => {
    signal.removeEventListener('abort', onLate)
    tls.removeListener('error', reject)
  })
}

/** What SNI may hold: an address is none. */
function nameOf(host: string): string {
  return isIP(host) === 0 ? host : ''
}
