import { hostname, networkInterfaces, release } from 'node:os'
import type { HandoffNode } from '../../handoff/run-folder.ts'

/** The machine that the handler runs on. */
export interface ThisNode {
  readonly name: string
  readonly ip?: string
  readonly kernel: string
  readonly cluster?: string
}

/**
 * As Kubernetes calls the node, if the installer has handed that over; else name and first address that
 * others can reach. `cluster` is what the configuration calls it, if it does.
 */
export function thisNode(handoff: HandoffNode | null = null, cluster: string | null = null): ThisNode {
  const address = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  const own = { name: hostname(), ...(address === undefined ? {} : { ip: address.address }) }
  const { hasApi: _, ...known } = handoff ?? {}
  return { ...own, ...known, kernel: release(), ...(cluster !== null && { cluster }) }
}
