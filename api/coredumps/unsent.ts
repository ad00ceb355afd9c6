import type { ServerResponse } from 'node:http'
import { tooManyRequests } from '../status-error.ts'

const MOST_BYTES = 32 * 2 ** 20

/** What was answered and is not read yet: a client takes its time, and the server has little memory. */
export class Unsent {
  readonly #mostBytes: number
  #bytes = 0

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** Resolves when it is sent, or the client is gone. Rejects with a 429 where too much is on its way already. */
  async send(response: ServerResponse, answer: object): Promise<void> {
    const body = Buffer.from(JSON.stringify(answer))
    if (this.#bytes + body.length > this.#mostBytes)
      throw tooManyRequests('too many answers are on their way', 1)
    if (response.destroyed) return
    this.#bytes += body.length
    const { promise, resolve } = Promise.withResolvers<void>()
    response.once('close', () => resolve())
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body, () => resolve())
    await promise.finally(() => {
      this.#bytes -= body.length
    })
  }
}
