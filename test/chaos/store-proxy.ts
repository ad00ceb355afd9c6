import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { errorXml, type Operation, operationOf, queryOf } from '../fakes/s3-operations.ts'
import { ArmedFaults, type StoreFault } from './fault.ts'
import type { StoreBehind } from './store-behind.ts'

/** A request that passes by. */
export interface PassingRequest {
  readonly operation: Operation
  readonly url: string
}

export type Moment = 'request arrives' | 'request answered'

/** What stands behind it. */
export type Behind = Pick<StoreBehind, 'endpoint' | 'remove'>

export type OnMoment = (moment: Moment, request: PassingRequest) => void

/**
 * Stands before a store and does to its requests what is planned. It forwards everything else as it came, so
 * the signatures stay good: the store must take the host name of this proxy.
 */
export class StoreProxy implements AsyncDisposable {
  readonly #behind: URL
  readonly #remove: Behind['remove']
  readonly #faults: ArmedFaults
  readonly #onMoment: OnMoment
  readonly #server: Server
  readonly #held = new Set<Socket>()
  /** What came by, for a person who looks for what went wrong. */
  readonly lines: string[] = []
  readonly happened = new Map<string, number>()

  private constructor(behind: Behind, faults: readonly StoreFault[], onMoment: OnMoment) {
    this.#behind = new URL(behind.endpoint)
    this.#remove = keys => behind.remove(keys)
    this.#faults = new ArmedFaults(faults)
    this.#onMoment = onMoment
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch(() => response.destroy())
    })
  }

  static async start(behind: Behind, faults: readonly StoreFault[], onMoment: OnMoment): Promise<StoreProxy> {
    const proxy = new StoreProxy(behind, faults, onMoment)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get endpoint(): string {
    // Listening on a TCP port, never on a pipe.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** All is well from now on. Who was left hanging hears that his connection is gone. */
  heal(): void {
    this.#note('healed')
    this.#faults.heal()
    for (const socket of this.#held) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request
    const [path = ''] = url.split('?')
    const key = decodeURIComponent(path.split('/').slice(2).join('/'))
    const passing = { operation: operationOf(method, key, queryOf(url)), url }
    const fault = this.#faults.next(passing.operation)
    this.#note(`${passing.operation} ${url.slice(0, 200)}${fault === null ? '' : ` <- ${fault.kind}`}`)
    if (fault !== null) this.happened.set(fault.kind, (this.happened.get(fault.kind) ?? 0) + 1)
    this.#onMoment('request arrives', passing)
    if (fault !== null && (await this.#spoilt(fault, request, response))) return
    const answer = await this.#forward(request, await bodyOf(request))
    if (fault?.kind === 'object confirmed and lost') await this.#remove([key])
    this.#onMoment('request answered', passing)
    deliver(answer, fault, response)
  }

  /** Whether that was all that happened to it. */
  async #spoilt(fault: StoreFault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    switch (fault.kind) {
      case 'store refuses connections':
        request.socket.resetAndDestroy()
        return true
      case 'connection reset in the body':
        request.once('data', () => request.socket.resetAndDestroy())
        request.once('end', () => request.socket.resetAndDestroy())
        return true
      case 'store hangs before the body':
        this.#held.add(request.socket)
        return true
      case 'store hangs after the body':
        this.#held.add(request.socket)
        request.resume()
        return true
      case 'store slow':
        await pause(fault.slowMilliseconds)
        return false
      case 'answer lost':
      case 'answer cut':
      case 'object confirmed and lost':
        return false
      case 'part confirmed and lost':
        confirm(response, await bodyOf(request))
        return true
      default: {
        await bodyOf(request)
        const [status, code] = SAYINGS[fault.kind]
        say(response, status, code)
        return true
      }
    }
  }

  async #forward({ method = '', url, rawHeaders }: IncomingMessage, body: Buffer): Promise<StoreAnswer> {
    const upstream = ask({
      host: this.#behind.hostname,
      port: this.#behind.port,
      method,
      path: url,
      headers: rawHeaders,
      agent: false,
    })
    // A store may answer before it has read everything, and close. Before an answer, `once` rejects.
    upstream.on('error', () => undefined)
    upstream.end(body)
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage]
    return { status: answer.statusCode ?? 500, headers: answer.rawHeaders, body: await bodyOf(answer) }
  }

  #note(line: string): void {
    this.lines.push(`${new Date().toISOString().slice(11, 23)} ${line}`)
  }
}

interface StoreAnswer {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer
}

const SAYINGS = {
  'store says 403': [403, 'AccessDenied'],
  'store says 500': [500, 'InternalError'],
  'store says SlowDown': [503, 'SlowDown'],
  'error in a 200': [200, 'InternalError'],
} as const

function say(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(errorXml(code, code))
}

/** As a store answers to a part that it has. */
function confirm(response: ServerResponse, part: Buffer): void {
  response.writeHead(200, { ETag: `"${createHash('md5').update(part).digest('hex')}"` }).end()
}

function deliver(
  { status, headers, body }: StoreAnswer,
  fault: StoreFault | null,
  response: ServerResponse,
): void {
  if (fault?.kind === 'answer lost') return void response.socket?.resetAndDestroy()
  response.writeHead(status, headers)
  if (fault?.kind !== 'answer cut') return void response.end(body)
  // Of an answer without a body nothing can be cut but the whole.
  if (body.length < 2) return void response.socket?.resetAndDestroy()
  response.write(body.subarray(0, body.length / 2), () => response.socket?.resetAndDestroy())
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}
