import { type Fields, fieldsOf } from '../../crash/fields.ts'
import type { Cluster } from '../cluster.ts'
import { collection, objectsIn, textOf } from './collection.ts'

/** A node, as the API server knows it. */
export interface ClusterNode {
  readonly name: string
  readonly ready: boolean
  /** Whether a privileged pod can run there: on no Windows, and on nothing that only looks like a node. */
  readonly canHaveInstaller: boolean
}

/** Rejects where they may not be listed. */
export async function nodesOf(cluster: Cluster, signal: AbortSignal): Promise<readonly ClusterNode[]> {
  return (await collection(cluster, '/api/v1/nodes', {}, signal)).map(nodeIn)
}

export function nodeIn(node: Fields): ClusterNode {
  const { name, labels } = fieldsOf(node.metadata)
  const conditions = objectsIn(fieldsOf(node.status).conditions)
  return {
    name: textOf(name) ?? '',
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    canHaveInstaller: isReal(fieldsOf(labels)),
  }
}

/** As the DaemonSet has it. */
function isReal(labels: Fields): boolean {
  const os = labels['kubernetes.io/os']
  const isVirtual =
    labels.type === 'virtual-kubelet' || labels['eks.amazonaws.com/compute-type'] === 'fargate'
  return !isVirtual && (os === undefined || os === 'linux')
}
