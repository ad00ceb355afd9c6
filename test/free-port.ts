import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of 127.0.0.1 at which no process listened just now: for a program that takes no 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port: no address')
  return address.port
}
