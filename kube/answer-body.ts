import type { IncomingMessage } from 'node:http'

/** The server has not said anything for as long as it may. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError'
}

/**
 * The pieces of an answer that has begun. Its connection is closed when `signal` aborts, when the server is
 * silent for too long, and when nobody begins to read for as long; not while the reader is busy with a piece.
 */
export function bodyOf(
  response: IncomingMessage,
  silenceSeconds: number,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  const end = () => response.destroy(signal.reason as Error)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  const silence = new Silence(response, silenceSeconds)
  response
    .on('error', () => undefined) // whoever reads hears of it, however late
    .once('close', () => {
      silence.stop()
      signal.removeEventListener('abort', end)
    })
  return piecesOf(response, silence)
}

async function* piecesOf(response: IncomingMessage, silence: Silence): AsyncGenerator<Buffer> {
  for await (const piece of response) {
    silence.stop()
    yield piece as Buffer
    silence.begin()
  }
}

class Silence {
  readonly #response: IncomingMessage
  readonly #seconds: number
  #late: NodeJS.Timeout | undefined

  constructor(response: IncomingMessage, seconds: number) {
    this.#response = response
    this.#seconds = seconds
    this.begin()
  }

  begin(): void {
    if (this.#response.destroyed) return
    const end = () => this.#response.destroy(new SilenceError('no more of the answer'))
    this.#late = setTimeout(end, this.#seconds * 1000).unref() // the connection keeps the process alive
  }

  stop(): void {
    clearTimeout(this.#late)
  }
}
