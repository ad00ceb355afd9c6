import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { eventually } from './eventually.ts'

/** A CloudEvent as it was posted, with what it was let in by. */
export interface ReceivedEvent {
  readonly authorization: string | undefined
  readonly id: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What CoreSight is for us: an address that takes events. */
export class EventReceiver implements AsyncDisposable {
  readonly events: ReceivedEvent[] = []
  readonly #server: http.Server

  private constructor(server: http.Server) {
    this.#server = server
  }

  static async open(): Promise<EventReceiver> {
    const server = http.createServer()
    const receiver = new EventReceiver(server)
    server.on('request', (request, response) => void receiver.#take(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`
  }

  /** Resolves with the first event of the pod. */
  async eventOf(podName: string): Promise<ReceivedEvent> {
    return await eventually(`the event of ${podName}`, 60, () =>
      this.events.find(({ data }) => data.pod_name === podName),
    )
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { authorization } = request.headers
    this.events.push({ ...JSON.parse(await text(request)), authorization })
    response.writeHead(202).end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
