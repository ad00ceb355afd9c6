import type { ServerResponse } from 'node:http'
import type { Verb } from './resource-request.ts'

/** Requests that go on, each until its client has gone. */
export class OpenRequests {
  readonly #watches = new Set<AbortController>()

  /** The signal of `serve` aborts when the client has gone, or we stop. */
  async during(
    verb: Verb,
    response: ServerResponse,
    serve: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const gone = new AbortController()
    const onClose = () => gone.abort(new Error('the client has gone'))
    response.once('close', onClose)
    if (response.destroyed) onClose()
    if (verb === 'watch') this.#watches.add(gone)
    try {
      await serve(gone.signal)
    } finally {
      this.#watches.delete(gone)
    }
  }

  /** They would not end by themselves. */
  endWatches(): void {
    for (const watch of this.#watches) watch.abort(new Error('the server stops'))
  }
}
