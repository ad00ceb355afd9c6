import { connect } from 'node:net'
import { createServer } from 'node:tls'
import { issueServing, makeAuthority } from '../../serving/certificate/issue.ts'
import type { KeyPair } from '../../serving/certificate/key-pair.ts'
import { listenTracked, type TrackedServer } from '../tracked-server.ts'

/** An authority that no program trusts by itself. */
export async function privateAuthority(): Promise<KeyPair> {
  return makeAuthority(new Date())
}

/**
 * Speaks TLS for a server on a port of this machine, as a load balancer does, with a certificate for `hosts`.
 */
export async function startTlsFront(
  authority: KeyPair,
  hosts: readonly string[],
  behind: string,
): Promise<TrackedServer> {
  const { certificate, key } = await issueServing(authority, hosts, new Date())
  const server = createServer({ cert: certificate, key }, socket => {
    const inner = connect(Number(new URL(behind).port), '127.0.0.1')
    socket.pipe(inner).pipe(socket)
    for (const end of [socket, inner]) end.on('error', () => [socket, inner].map(each => each.destroy()))
  })
  server.on('tlsClientError', () => undefined)
  return await listenTracked(server)
}
