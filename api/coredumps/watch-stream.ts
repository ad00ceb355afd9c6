import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { TimeLimit } from '../../time/time-limit.ts'
import { StatusError } from '../status-error.ts'

/** Events as a watch has them, one a line. */
export class WatchStream {
  readonly signal: AbortSignal
  readonly #response: ServerResponse
  readonly #patienceMs: number

  /** `patienceMs`: how long a client may read nothing. */
  constructor(response: ServerResponse, signal: AbortSignal, patienceMs: number) {
    this.#response = response
    this.signal = signal
    this.#patienceMs = patienceMs
  }

  /** The head, what `tell` writes, and the end. When the head is sent, a failure is one more event. */
  async whole(tell: () => Promise<void>): Promise<void> {
    // A client waits for the head, though there may be nothing to say for hours.
    this.#response.writeHead(200, { 'content-type': 'application/json' })
    this.#response.flushHeaders()
    try {
      await tell()
    } catch (cause) {
      if (!this.signal.aborted) this.#response.write(lineOf('ERROR', failure(cause)))
    }
    this.#response.end()
  }

  /** Resolves once there is room for more. Rejects when it is over, or the client reads nothing. */
  async write(type: 'ADDED' | 'BOOKMARK', object: object): Promise<void> {
    this.signal.throwIfAborted()
    if (this.#response.write(lineOf(type, object))) return
    using limit = new TimeLimit(this.#patienceMs, this.signal)
    await once(this.#response, 'drain', { signal: limit.signal })
  }
}

function lineOf(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`
}

/** A client that is told so begins anew. */
function failure(cause: unknown): object {
  const [code, reason, message] =
    cause instanceof StatusError
      ? [cause.code, cause.reason, cause.message]
      : [503, 'ServiceUnavailable', 'the crashes cannot be told now']
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}
