import type { Dispatcher } from 'undici'
import { HttpAgents, type HttpWays } from '../network/http-agents.ts'
import { anySignal } from '../time/any-signal.ts'
import type { ChatBody } from './channels/channel.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { Verdict } from './verdict.ts'

/** An answer longer than this is no chat's; the rest is not read. */
const LONGEST_ANSWER_BYTES = 64 * 1024

export interface Answer extends ChatAnswer {
  /** What `Retry-After` asks for; 0 where it asks for nothing. */
  readonly retryAfterSeconds: number
}

export interface PosterRequest {
  readonly url: string
  /** A text is posted as it stands: who signed it signed these bytes. */
  readonly body: ChatBody | string
  /** Names in lower case; they win over ours. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface PosterLimits {
  readonly connectMilliseconds: number
  /** For one request, from the first byte sent to the last one read. */
  readonly requestMilliseconds: number
}

/**
 * Posts JSON over connections of its own, until it is closed. It loads undici at the first request, because
 * the handler starts at every crash and most of the time it has other things to do first. Redirects are not
 * followed: they would carry what is for one chat to another address.
 */
export class Poster {
  readonly #limits: PosterLimits
  readonly #agents: HttpAgents

  constructor(limits: PosterLimits, ways: HttpWays = {}) {
    this.#limits = limits
    this.#agents = new HttpAgents(limits.connectMilliseconds, ways)
  }

  async post({ url, body, headers }: PosterRequest, deadline: AbortSignal): Promise<Answer> {
    const { request } = await import('../network/http-client.ts')
    const { requestMilliseconds } = this.#limits
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      dispatcher: await this.#agents.agentFor(new URL(url)),
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
    await this.#agents.close()
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

/** Why a request got no answer: what is at fault, and in words for an operator. */
export interface NoAnswer {
  readonly fault: 'address' | 'certificate' | 'proxy' | 'service'
  readonly reason: string
}

/** Named by its code only: messages of undici and of the URL parser quote the address, which is a secret. */
export function noAnswer(thrown: unknown): NoAnswer {
  const name = isProxyLogin(thrown) ? 'ProxyRefused' : nameOf(thrown)
  const reason = REASONS[name] ?? `the request failed (${name})`
  if (/INVALID/.test(name)) return { fault: 'address', reason }
  if (/CERT|TLS|SSL|SIGNATURE/.test(name))
    return { fault: 'certificate', reason: `the certificate was not accepted (${name})` }
  return { fault: /^Proxy/.test(name) ? 'proxy' : 'service', reason }
}

export const CERTIFICATE_HINT =
  'If it is of an authority of your own, write that into network.caBundle, or its file into network.caFile; else check the certificate, and the clock of the node.'

const HINTS: Readonly<Record<NoAnswer['fault'], string>> = {
  address: 'Copy webhookurl again from the settings of the bot.',
  certificate: CERTIFICATE_HINT,
  proxy: 'Allow the chat at the proxy, correct network.proxy, or name the chat in network.noProxy.',
  service: 'Check that the node reaches the chat service: DNS, firewall and routes are those of the host.',
}

/** The verdict on a request to a chat that got no answer. */
export function verdictOfError(thrown: unknown): Verdict {
  const { fault, reason } = noAnswer(thrown)
  const hint = HINTS[fault]
  return fault === 'address' || fault === 'certificate'
    ? { kind: 'failed', reason, hint }
    : { kind: 'retry', reason, hint, afterSeconds: 0 }
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
