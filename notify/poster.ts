import type { LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Agent, buildConnector, Dispatcher, ProxyAgent } from 'undici'
import type { HttpProxy } from '../network/http-proxy.ts'
import { type Network, PLAIN_NETWORK } from '../network/network.ts'
import type { TunnelOptions } from '../network/tunnel.ts'
import { anySignal } from '../time/any-signal.ts'
import type { ChatRequest } from './channels/channel.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { Verdict } from './verdict.ts'

/** An answer longer than this is no chat's; the rest is not read. */
const LONGEST_ANSWER_BYTES = 64 * 1024

export interface Answer extends ChatAnswer {
  /** What `Retry-After` asks for; 0 where it asks for nothing. */
  readonly retryAfterSeconds: number
}

interface PosterRequest extends ChatRequest {
  /** Names in lower case; they win over ours. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface PosterLimits {
  readonly connectMilliseconds: number
  /** For one request, from the first byte sent to the last one read. */
  readonly requestMilliseconds: number
}

/** How a poster finds whom it posts to. */
interface Ways {
  /** Absent: names are the node's DNS's. */
  readonly lookup?: LookupFunction | undefined
  /** Absent: directly, and TLS trusts Node's own list and the node's. */
  readonly network?: Network | undefined
}

/**
 * Posts JSON over connections of its own, until it is closed. It loads undici at the first request, because
 * the handler starts at every crash and most of the time it has other things to do first. Redirects are not
 * followed: they would carry what is for one chat to another address.
 */
export class Poster {
  readonly #limits: PosterLimits
  readonly #ways: Ways
  readonly #agents = new Map<string, Agent | ProxyAgent>()

  constructor(limits: PosterLimits, ways: Ways = {}) {
    this.#limits = limits
    this.#ways = ways
  }

  async post({ url, body, headers }: PosterRequest, deadline: AbortSignal): Promise<Answer> {
    const { request } = await import('./http-client.ts')
    const { requestMilliseconds } = this.#limits
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(body),
      dispatcher: await this.#agentFor(new URL(url)),
      signal: anySignal([deadline, AbortSignal.timeout(requestMilliseconds)]),
    })
    return {
      status: response.statusCode,
      body: await startOf(response.body),
      retryAfterSeconds: secondsOf(response.headers['retry-after']),
    }
  }

  /** Ends what is under way, too: nothing of it keeps the process alive. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(agent => agent.destroy()))
  }

  async #agentFor(url: URL): Promise<Agent | ProxyAgent> {
    const { network = PLAIN_NETWORK } = this.#ways
    const isTls = url.protocol === 'https:'
    const proxy = network.proxyFor(url)
    const name = `${isTls} ${proxy?.name}`
    const secureContext = isTls || proxy !== null ? await network.secureContext() : null
    const agent = this.#agents.get(name) ?? (await this.#agentBy(proxy, isTls, secureContext))
    this.#agents.set(name, agent)
    return agent
  }

  async #agentBy(
    proxy: HttpProxy | null,
    isTls: boolean,
    secureContext: SecureContext | null,
  ): Promise<Agent | ProxyAgent> {
    const { Agent, ProxyAgent } = await import('./http-client.ts')
    const { lookup } = this.#ways
    const { connectMilliseconds: timeout } = this.#limits
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
}

async function tunnelled(options: TunnelOptions): Promise<buildConnector.connector> {
  const { connectThrough } = await import('../network/tunnel.ts')
  return ({ hostname, port }, callback) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    connectThrough(options, { host, port: Number(port || 443) }).then(
      socket => callback(null, socket),
      (cause: Error) => callback(cause, null),
    )
  }
}

async function startOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= LONGEST_ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER_BYTES).toString()
}

// A date is allowed too. No chat sends one, and to read it the clocks would have to agree.
function secondsOf(header: string | string[] | undefined): number {
  const seconds = Number(Array.isArray(header) ? header[0] : header)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0
}

const REASONS: Readonly<Record<string, string>> = {
  ProxyUnreachable: 'the proxy cannot be reached',
  ProxyRefused: 'the proxy does not connect to the service',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke off',
  ENOTFOUND: 'the name of the service is not known here',
  EAI_AGAIN: 'the name of the service could not be looked up',
  ENETUNREACH: 'the network of the service cannot be reached',
  EHOSTUNREACH: 'the service cannot be reached',
  ETIMEDOUT: 'the connection took too long',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
  UND_ERR_SOCKET: 'the connection broke off',
  TimeoutError: 'there was no answer in time',
  AbortError: 'there was no answer in time',
  UND_ERR_ABORTED: 'there was no answer in time',
  UND_ERR_INVALID_ARG: 'the address is not one of http or https',
  ERR_INVALID_URL: 'the address is not one of http or https',
}

/**
 * The verdict on a request that got no answer. Names it by its code only: messages of undici and of the
 * URL parser quote the address, which is a secret.
 */
export function verdictOfError(thrown: unknown): Verdict {
  const name = isProxyLogin(thrown) ? 'ProxyRefused' : nameOf(thrown)
  const reason = REASONS[name] ?? `the request failed (${name})`
  if (/INVALID/.test(name)) {
    return { kind: 'failed', reason, hint: 'Copy webhookurl again from the settings of the bot.' }
  }
  if (/CERT|TLS|SSL|SIGNATURE/.test(name)) {
    const hint =
      'If it is of an authority of your own, write that into network.caBundle, or its file into network.caFile; else check the certificate, and the clock of the node.'
    return { kind: 'failed', reason: `the certificate was not accepted (${name})`, hint }
  }
  if (/^Proxy/.test(name)) {
    const hint = 'Allow the chat at the proxy, correct network.proxy, or name the chat in network.noProxy.'
    return { kind: 'retry', reason, hint, afterSeconds: 0 }
  }
  const hint = 'Check that the node reaches the chat service: DNS, firewall and routes are those of the host.'
  return { kind: 'retry', reason, hint, afterSeconds: 0 }
}

/** undici calls it a wrong argument. */
function isProxyLogin(thrown: unknown): boolean {
  return thrown instanceof Error && /^Proxy Authentication Required/.test(thrown.message)
}

function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error'
  const code: unknown = 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' && /^\w+$/.test(code) ? code : thrown.name
}
