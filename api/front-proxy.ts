import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { FrontProxySettings } from './identity-headers.ts'
import { isVouchedFor } from './proxy-certificate.ts'
import type { RequestUser } from './resource-request.ts'
import { userIn } from './user-in-headers.ts'

/**
 * Who asks, by the word of the API server; `null`: it is not the API server who asks, and what headers say of a user
 * counts for nothing.
 */
export function userOf(
  { socket, headersDistinct }: Pick<IncomingMessage, 'socket' | 'headersDistinct'>,
  settings: FrontProxySettings,
  now: number,
): RequestUser | null {
  // The server is HTTPS.
  return isFrontProxy(socket as TLSSocket, settings, now) ? userIn(headersDistinct, settings.headers) : null
}

function isFrontProxy(
  socket: TLSSocket,
  { authorities, allowedNames }: FrontProxySettings,
  now: number,
): boolean {
  if (!socket.authorized) return false
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined || !isVouchedFor(certificate, authorities, now)) return false
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return allowedNames.length === 0 || (typeof name === 'string' && allowedNames.includes(name))
}
