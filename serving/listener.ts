import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'

/** What goes back for a request. */
export interface Reply {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/** Method and path, such as `GET /health`, and what answers there. A query is not looked at. */
export type Routes = Readonly<Record<string, (request: IncomingMessage) => Reply | Promise<Reply>>>

interface RouteOptions {
  readonly log: Logger
  /** While it is true, every answer ends its connection, so that the client looks for another server. */
  readonly isLeaving?: () => boolean
}

/** Answers by a table: 404 for a path that is not in it, 405 for another method, 500 when a route throws. */
export function listenerOf(routes: Routes, { log, isLeaving = () => false }: RouteOptions): RequestListener {
  return (request, response) => {
    request.on('error', err => log.debug({ err }, 'request broke off'))
    void replyTo(request, routes, log).then(reply => send(response, reply, isLeaving()))
  }
}

/** What is not for a person is plain text all the same: the API server shows it in its own log. */
export function refusal(status: number, reason: string): Reply {
  return { status, body: `${reason}\n` }
}

async function replyTo(request: IncomingMessage, routes: Routes, log: Logger): Promise<Reply> {
  const { method = '', url = '' } = request
  const path = url.split('?')[0]
  const route = routes[`${method} ${path}`]
  try {
    if (route !== undefined) return await route(request)
  } catch (err) {
    log.error({ err, path }, 'request failed')
    return refusal(500, 'internal error')
  }
  const known = Object.keys(routes)
  return known.some(key => key.split(' ')[1] === path)
    ? refusal(405, 'method not allowed')
    : refusal(404, `there is only: ${known.join(', ')}`)
}

function send(response: ServerResponse, { status, body, type }: Reply, isLast: boolean): void {
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    ...(isLast && { connection: 'close' }),
  })
  response.end(body)
}
