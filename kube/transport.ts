import { readFile } from 'node:fs/promises'
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https'
import { anySignal } from '../time/any-signal.ts'
import type { KubeAccess } from './access.ts'
import { bodyOf, SilenceError } from './answer-body.ts'

/** A request, and how long it may take. */
export interface Sent {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Ends the answer, too, in whatever state it is. */
  readonly signal?: AbortSignal
  /** Until the answer begins. */
  readonly answerSeconds: number
  /** Between two pieces of it. */
  readonly silenceSeconds: number
}

export interface Received {
  readonly status: number
  /**
   * Is read to its end, or left: then the connection is closed, at once by whoever began, else after the
   * silence.
   */
  readonly body: AsyncIterable<Buffer>
}

const CONNECT_SECONDS = 5
/** How long a connection waits for another request: less than any server or proxy does. */
const IDLE_SECONDS = 4

/**
 * HTTP with the API server, by Node's own client: undici, which talks to the chats, takes 20 MiB from when it
 * is loaded, and the installer of each node has a watch open for as long as it lives.
 */
export class Transport {
  readonly #access: KubeAccess
  readonly #isTls: boolean
  readonly #agent: HttpAgent
  readonly #closed = new AbortController()

  constructor(access: KubeAccess) {
    this.#access = access
    this.#isTls = new URL(access.url).protocol === 'https:'
    const options = { keepAlive: true, timeout: IDLE_SECONDS * 1000 }
    this.#agent = this.#isTls ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /** Rejects when there is no answer, and with {@link SilenceError} where it does not begin in time. */
  async send(sent: Sent): Promise<Received> {
    const { path, body, answerSeconds, silenceSeconds } = sent
    const closed = this.#closed.signal
    const signal = sent.signal === undefined ? closed : anySignal([sent.signal, closed])
    const options = await this.#optionsOf(sent)
    signal.throwIfAborted()
    const request = (this.#isTls ? httpsRequest : httpRequest)(`${this.#access.url}${path}`, options)
    limitConnecting(request, this.#isTls ? 'secureConnect' : 'connect')
    request.end(body)
    const response = await answerTo(request, answerSeconds, signal)
    return { status: response.statusCode ?? 0, body: bodyOf(response, silenceSeconds, signal) }
  }

  /** The authority's certificate is read each time, so that one that was replaced is trusted. */
  async #optionsOf({ method, headers }: Sent): Promise<RequestOptions> {
    const { caFile } = this.#access
    const ca = caFile === null ? null : await readFile(caFile, 'utf8')
    return { agent: this.#agent, method, headers, ...(ca !== null && { ca }) }
  }

  /** Ends what is under way, too, and whatever is sent later. */
  close(): void {
    this.#closed.abort(new Error('the client was closed'))
    this.#agent.destroy()
  }
}

function limitConnecting(request: ClientRequest, established: 'connect' | 'secureConnect'): void {
  const late = setTimeout(
    () => request.destroy(new SilenceError('the connection took too long')),
    CONNECT_SECONDS * 1000,
  )
  const stop = () => clearTimeout(late)
  request.once('close', stop)
  request.once('socket', socket => (request.reusedSocket ? stop() : socket.once(established, stop)))
}

async function answerTo(
  request: ClientRequest,
  seconds: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const late = setTimeout(() => request.destroy(new SilenceError('no answer in time')), seconds * 1000)
  const onAbort = () => request.destroy(signal.reason as Error)
  signal.addEventListener('abort', onAbort)
  // Stays: what befalls the connection later, the answer tells.
  request.on('response', resolve).on('error', reject)
  // The only word of a server that answers 101 to what was no upgrade.
  request.on('close', () => reject(new Error('the connection was closed without an answer')))
  try {
    return await promise
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', onAbort)
  }
}
