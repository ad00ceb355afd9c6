import { hostname, networkInterfaces, release } from 'node:os'

/** The machine that the handler runs on, as far as it can tell by itself. */
export interface ThisNode {
  readonly name: string
  readonly ip?: string
  readonly kernel: string
}

/** Name, first address that others can reach, and kernel of this machine. */
export function thisNode(): ThisNode {
  const address = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  return { name: hostname(), ...(address === undefined ? {} : { ip: address.address }), kernel: release() }
}
