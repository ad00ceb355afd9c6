import type { KubeClient } from '../kube/client.ts'
import type { KubeObject, OwnerReference, Pod } from '../kube/objects.ts'

/** What a pod belongs to, as its owner would say it: `Deployment web`. */
export interface Workload {
  readonly kind: string
  readonly name: string
}

/** Finds the workload of a pod; `null`: it belongs to none. Never rejects. */
export type FindWorkload = (pod: Pod, signal: AbortSignal) => Promise<Workload | null>

const CACHE_SIZE = 500

/**
 * Follows the controllers' references up, at most one step beyond the pod's own: a ReplicaSet's Deployment
 * (or Rollout), a Job's CronJob. Without the right to read those, it is the ReplicaSet or the Job itself:
 * names could be guessed from, but a guess can name somebody else's.
 */
export function workloadFinder(kube: Pick<KubeClient, 'get'>): FindWorkload {
  const known = new Map<string, Workload>()
  return async ({ metadata }, signal) => {
    const owner = controllerOf(metadata)
    // The mirror of a static pod belongs to its node.
    if (owner === null || owner.kind === 'Node') return null
    const found = known.get(owner.uid)
    if (found !== undefined) return found
    const workload = await lookUp(kube, metadata?.namespace ?? '', owner, signal)
    if (workload === null) return { kind: owner.kind, name: owner.name }
    known.set(owner.uid, workload)
    for (const [oldest] of known) if (known.size > CACHE_SIZE) known.delete(oldest)
    return workload
  }
}

/** What stands between a pod and its workload. Other APIs have kinds of these names, too. */
const BETWEEN: Readonly<Record<string, string>> = {
  'apps/v1 ReplicaSet': 'replicasets',
  'batch/v1 Job': 'jobs',
}

/** `null`: it could not be looked up this time. */
async function lookUp(
  kube: Pick<KubeClient, 'get'>,
  namespace: string,
  { apiVersion, kind, name, uid }: OwnerReference,
  signal: AbortSignal,
): Promise<Workload | null> {
  const resource = BETWEEN[`${apiVersion} ${kind}`]
  if (resource === undefined) return { kind, name }
  const path = `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`
  try {
    const { metadata } = await kube.get<KubeObject>(path, signal)
    // Another one of the same name, made since: whose the first was, nobody can say any more.
    if (metadata?.uid !== uid) return null
    const above = controllerOf(metadata)
    return above === null ? { kind, name } : { kind: above.kind, name: above.name }
  } catch {
    // Not allowed, gone, or no answer: the pod is seen again at its next change.
    return null
  }
}

function controllerOf(metadata: KubeObject['metadata']): OwnerReference | null {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true) ?? null
}
