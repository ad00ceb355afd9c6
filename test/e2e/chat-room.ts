import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { refusalOf } from '../fakes/fake-chat.ts'
import { eventually } from './eventually.ts'

/** A Feishu bot that keeps what it takes, for tests that look at the crash's whole journey. */
export class ChatRoom implements AsyncDisposable {
  readonly messages: unknown[] = []
  /** What it answers to the next messages. */
  answer: { status: number; body: object } = { status: 200, body: { code: 0, msg: 'success' } }
  readonly #server: http.Server

  private constructor(server: http.Server) {
    this.#server = server
  }

  static async open(): Promise<ChatRoom> {
    const server = http.createServer()
    const room = new ChatRoom(server)
    server.on('request', (request, response) => void room.#take(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return room
  }

  get webhookUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/open-apis/bot/v2/hook/e2e-token`
  }

  /** Resolves with the first message that says all of `words`, somewhere. */
  async message(...words: readonly string[]): Promise<unknown> {
    return await eventually(`a message that says ${words.join(', ')}`, 30, () =>
      this.messages.find(message => words.every(word => JSON.stringify(message).includes(word))),
    )
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const message = JSON.parse(await text(request))
    const [status, body] = refusalOf('feishu', message) ?? [this.answer.status, this.answer.body]
    // What Feishu would not take was never said, and a test that waits for it says so.
    if (body === this.answer.body) this.messages.push(message)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
