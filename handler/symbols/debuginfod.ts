import type { LookupFunction } from 'node:net'
import { OperatorError } from '../../crash/errors.ts'
import { symbolPlace } from '../../crash/symbol-file/symbol-place.ts'
import { VERSION } from '../../crash/version.ts'
import { HttpAgents } from '../../network/http-agents.ts'
import type { Network } from '../../network/network.ts'
import type { SymbolSource } from './symbol-source.ts'

const CONNECT_MILLISECONDS = 1000
const MOST_REDIRECTS = 3
const NOT_FOUND = 404

/** A server as debuginfod(8) is one, or a bucket that is served as one. It is told build ids, and nothing else. */
export class Debuginfod implements SymbolSource {
  readonly name: string
  readonly #agents: HttpAgents

  /** `url`: of http or https, without a slash at its end. */
  constructor(url: string, ways: { readonly lookup?: LookupFunction; readonly network?: Network } = {}) {
    this.name = url
    this.#agents = new HttpAgents(CONNECT_MILLISECONDS, ways)
  }

  async find(buildId: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null> {
    return symbolPlace(buildId) === null ? null : await this.#get(new URL(this.placeOf(buildId).url), signal)
  }

  async end(): Promise<void> {
    await this.#agents.close()
  }

  placeOf(buildId: string): { readonly url: string } {
    return { url: `${this.name}/${symbolPlace(buildId)}` }
  }

  async #get(url: URL, signal: AbortSignal, redirects = 0): Promise<AsyncIterable<Uint8Array> | null> {
    const { request } = await import('../../network/http-client.ts')
    const { statusCode, headers, body } = await request(url, {
      headers: { 'user-agent': `coredog/${VERSION}` },
      dispatcher: await this.#agents.agentFor(url),
      signal,
    })
    // One that breaks off before it is read has nobody else who hears of it, which would end us.
    body.on('error', () => undefined)
    if (statusCode === 200) return body
    // What is not read keeps a connection.
    body.destroy()
    if (statusCode === NOT_FOUND) return null
    const next = redirects < MOST_REDIRECTS ? redirectOf(url, statusCode, headers.location) : null
    if (next === null) throw new OperatorError(`the server answered ${statusCode}`, HINT)
    return await this.#get(next, signal, redirects + 1)
  }
}

const HINT =
  'Write into symbols the address that a debuginfod server, or a bucket that is served as one, has itself.'
const REDIRECTS = [301, 302, 303, 307, 308]

/** To the same host, and to no less safe a way: what the operator named shall not send us elsewhere. */
function redirectOf(url: URL, status: number, location: string | string[] | undefined): URL | null {
  if (!REDIRECTS.includes(status) || typeof location !== 'string' || !URL.canParse(location, url.href))
    return null
  const next = new URL(location, url)
  const isSafe = next.protocol === 'https:' || next.protocol === url.protocol
  const isHttp = next.protocol === 'https:' || next.protocol === 'http:'
  return isSafe && isHttp && next.hostname === url.hostname ? next : null
}
