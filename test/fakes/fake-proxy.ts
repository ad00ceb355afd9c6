import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listenTracked, type TrackedServer } from '../tracked-server.ts'

export interface FakeProxyOptions {
  /** As `user:password`; without it, no client is asked who it is. */
  readonly user?: string
  /** What it does with who wants a tunnel, instead of making one. */
  readonly behaviour?: 'forbid' | 'close' | 'silence'
}

export interface FakeProxy extends TrackedServer {
  /** What was asked of it: `CONNECT host:port` or `POST http://…`. */
  readonly requests: readonly string[]
}

/**
 * A proxy of HTTP that works: every name leads to this machine, so that tests may call their servers what
 * they like.
 */
export async function startFakeProxy({ user, behaviour }: FakeProxyOptions = {}): Promise<FakeProxy> {
  const requests: string[] = []
  const mayPass = ({ headers }: IncomingMessage) =>
    user === undefined || headers['proxy-authorization'] === `Basic ${Buffer.from(user).toString('base64')}`
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (mayPass(request)) return pass(request, response)
    response.writeHead(407).end()
  })
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    requests.push(`CONNECT ${request.url}`)
    socket.on('error', () => undefined)
    if (behaviour === 'close') return socket.destroy()
    if (behaviour === 'silence') return
    if (behaviour === 'forbid') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    if (!mayPass(request)) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    tunnel(request.url ?? '', socket)
  })
  return { ...(await listenTracked(server)), requests }
}

function tunnel(authority: string, socket: Socket): void {
  const inner = connect(Number(authority.slice(authority.lastIndexOf(':') + 1)), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(inner).pipe(socket)
  })
  inner.on('error', () => socket.destroy())
  socket.on('close', () => inner.destroy())
}

function pass(request: IncomingMessage, response: ServerResponse): void {
  const { port, pathname, search } = new URL(request.url ?? '')
  const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = request.headers
  const onward = send(
    { host: '127.0.0.1', port, path: pathname + search, method: request.method, headers },
    answer => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
  )
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}
