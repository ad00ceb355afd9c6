import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that listens. */
export interface TrackedServer {
  readonly port: number
  /** Breaks off every connection: tunnels and pipes would keep the server from ending. */
  readonly close: () => Promise<void>
}

/** Has `server` listen, on a free port of 127.0.0.1 if nothing is said. */
export async function listenTracked(server: Server, port = 0, host = '127.0.0.1'): Promise<TrackedServer> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket.once('close', () => sockets.delete(socket))))
  server.listen(port, host)
  await once(server, 'listening')
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port: (server.address() as AddressInfo).port, close }
}
