import { createHash } from 'node:crypto'
import type { Identity } from '../../crash/identity.ts'

/**
 * By what slots are shared: a pod has one in each round, and so have the node's processes together, and those
 * of unknown pods.
 */
export function laneOf(identity: Identity | null): string {
  return laneNamed(ownerOf(identity))
}

/** The same by namespaces. */
export function laneOfNamespace(namespace: string): string {
  return laneNamed(`namespace ${namespace}`)
}

function laneNamed(owner: string): string {
  return createHash('sha256').update(owner).digest('hex').slice(0, 12)
}

function ownerOf(identity: Identity | null): string {
  if (identity === null) return 'nobody'
  if (identity.kind === 'host') return 'host'
  const { podUid, containerId } = identity
  return `pod ${podUid ?? containerId ?? ''}`
}
