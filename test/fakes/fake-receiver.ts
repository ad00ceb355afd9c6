import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenTracked, type TrackedServer } from '../tracked-server.ts'

interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What it does with a request that it has read. */
export type Reaction = (response: ServerResponse, received: Received) => void

export interface FakeReceiver extends TrackedServer {
  /** Of plain HTTP, without a path. */
  readonly origin: string
  readonly received: readonly Received[]
  /** For all requests from now on. */
  readonly react: (reaction: Reaction) => void
}

/** A program that is told over HTTP: it takes everything, until it is told otherwise. */
export async function startFakeReceiver(): Promise<FakeReceiver> {
  const received: Received[] = []
  let reaction: Reaction = response => response.writeHead(200).end()
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request
    const one = { url, headers, body: await text(request) }
    received.push(one)
    reaction(response, one)
  })
  const listening = await listenTracked(server)
  return {
    ...listening,
    origin: `http://127.0.0.1:${listening.port}`,
    received,
    react: next => {
      reaction = next
    },
  }
}

/** Answers with that and nothing else. */
export function answering(status: number, headers: Record<string, string> = {}, body = ''): Reaction {
  return response => response.writeHead(status, headers).end(body)
}
