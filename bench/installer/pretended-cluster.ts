import type { KubeObject } from '../../kube/objects.ts'

export const NODE_NAME = 'node-1'
export const NAMESPACE = 'coredog-system'

/** As many as the kubelet takes if nothing is said. */
const PODS = 110
/** Crashes of every tenth are kept: it says so by its annotation. */
const COLLECTED_OF = 10
/** Of the pods of a Deployment, in the name of their ReplicaSet, too. */
const HASH = '7d4b9c'

/** What the API server has of a node that is full, and of its cluster. */
export function clusterObjects(): readonly KubeObject[] {
  const pods = Array.from({ length: PODS }, (_, index) => index)
  return [
    object('v1', 'Namespace', { name: 'kube-system', uid: '5e7a1c3d-0000-4000-8000-000000000000' }),
    object('v1', 'Namespace', { name: NAMESPACE }),
    object('v1', 'Node', { name: NODE_NAME }),
    object('apps/v1', 'DaemonSet', { namespace: NAMESPACE, name: 'coredog-installer' }),
    ...pods.flatMap(index => [podOf(index), replicaSetOf(index)]),
  ]
}

function object(apiVersion: string, kind: string, metadata: object): KubeObject {
  return { apiVersion, kind, metadata: { uid: `uid of ${JSON.stringify(metadata)}`, ...metadata } }
}

function podOf(index: number): KubeObject {
  const metadata = {
    namespace: 'shop',
    name: `${replicaSet(index)}-x2x7q`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    labels: { app: `web-${index}`, 'pod-template-hash': HASH },
    ...(index % COLLECTED_OF === 0 && { annotations: { 'coredog.io/inject': 'true' } }),
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: replicaSet(index),
        uid: `rs-${index}`,
        controller: true,
      },
    ],
  }
  const containerID = `containerd://${String(index).padStart(64, '0')}`
  const status = { containerStatuses: [{ name: 'app', containerID, restartCount: 0 }] }
  return { ...object('v1', 'Pod', metadata), spec: { nodeName: NODE_NAME }, status } as KubeObject
}

function replicaSetOf(index: number): KubeObject {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: `web-${index}`, uid: `d-${index}` }
  const ownerReferences = [{ ...owner, controller: true }]
  return object('apps/v1', 'ReplicaSet', {
    namespace: 'shop',
    name: replicaSet(index),
    uid: `rs-${index}`,
    ownerReferences,
  })
}

function replicaSet(index: number): string {
  return `web-${index}-${HASH}`
}
