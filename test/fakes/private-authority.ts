import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { issueServing, makeAuthority } from '../../webhook/certificate-issue.ts'
import type { KeyPair } from '../../webhook/key-pair.ts'

/** An authority that nobody trusts by himself. */
export async function privateAuthority(): Promise<KeyPair> {
  return makeAuthority(new Date())
}

export interface TlsFront {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Speaks TLS for a server on a port of this machine, as a load balancer does, with a certificate for `hosts`. */
export async function startTlsFront(
  authority: KeyPair,
  hosts: readonly string[],
  behind: string,
): Promise<TlsFront> {
  const { certificate, key } = await issueServing(authority, hosts, new Date())
  const sockets = new Set<Socket>()
  const server = createServer({ cert: certificate, key }, socket => {
    const inner = connect(Number(new URL(behind).port), '127.0.0.1')
    socket.pipe(inner).pipe(socket)
    for (const end of [socket, inner]) end.on('error', () => [socket, inner].map(each => each.destroy()))
  })
  server.on('connection', socket => sockets.add(socket)).on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, close }
}
