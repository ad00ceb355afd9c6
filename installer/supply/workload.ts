import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject, OwnerReference, Pod } from '../../kube/objects.ts'
import { deploymentNameOf } from './deployment-name.ts'

/** What a pod belongs to, as its owner would say it: `Deployment web`. */
export interface Workload {
  readonly kind: string
  readonly name: string
}

const CACHE_SIZE = 500

/**
 * Follows the controllers' references up, at most one step beyond the pod's own: a ReplicaSet's Deployment
 * (or Rollout), a Job's CronJob. Of a Deployment its pods tell, by names and a label. Whoever can forge those can
 * forge the owners of a ReplicaSet, too, in the same namespace, and a group has crashes of one namespace only. A
 * ReplicaSet that one Deployment left and another took over is told by the name of the first. All else is looked
 * up; without the right to read it, it is the ReplicaSet or the Job itself.
 */
export class Workloads {
  readonly #kube: Pick<KubeClient, 'getMetadata'>
  readonly #known = new Map<string, Workload>()

  constructor(kube: Pick<KubeClient, 'getMetadata'>) {
    this.#kube = kube
  }

  /** Without a request. `null`: the pod belongs to none; `undefined`: it has to be looked up. */
  known({ metadata }: Pod): Workload | null | undefined {
    const owner = controllerOf(metadata)
    // The mirror of a static pod belongs to its node.
    if (owner === null || owner.kind === 'Node') return null
    if (resourceOf(owner) === undefined) return itself(owner)
    return this.#known.get(keyOf(metadata?.namespace, owner)) ?? deploymentOf(owner, metadata?.labels)
  }

  /** Asks the API server; never rejects. */
  async lookUp({ metadata }: Pod, signal: AbortSignal): Promise<Workload | null> {
    const owner = controllerOf(metadata)
    if (owner === null) return null
    const workload = await lookUp(this.#kube, metadata?.namespace ?? '', owner, signal)
    if (workload === null) return itself(owner)
    this.#known.set(keyOf(metadata?.namespace, owner), workload)
    for (const [oldest] of this.#known) if (this.#known.size > CACHE_SIZE) this.#known.delete(oldest)
    return workload
  }
}

/** What stands between a pod and its workload. Other APIs have kinds of these names, too. */
const BETWEEN: Readonly<Record<string, string>> = {
  'apps/v1 ReplicaSet': 'replicasets',
  'batch/v1 Job': 'jobs',
}

/** Nothing stands above it, as far as is known: it was looked up, or needed not be. */
export function isTop({ kind }: Workload): boolean {
  return !Object.keys(BETWEEN).some(between => between.endsWith(` ${kind}`))
}

function resourceOf({ apiVersion, kind }: OwnerReference): string | undefined {
  return BETWEEN[`${apiVersion} ${kind}`]
}

function deploymentOf(
  { apiVersion, kind, name }: OwnerReference,
  labels: Readonly<Record<string, string>> | undefined,
): Workload | undefined {
  if (`${apiVersion} ${kind}` !== 'apps/v1 ReplicaSet') return undefined
  const deployment = deploymentNameOf(name, labels)
  return deployment === undefined ? undefined : { kind: 'Deployment', name: deployment }
}

/** Whoever makes a pod may write the uid of an owner in another namespace into it. */
function keyOf(namespace = '', { uid }: OwnerReference): string {
  return `${namespace}/${uid}`
}

function itself({ kind, name }: OwnerReference): Workload {
  return { kind, name }
}

/** `null`: it could not be looked up this time. */
async function lookUp(
  kube: Pick<KubeClient, 'getMetadata'>,
  namespace: string,
  owner: OwnerReference,
  signal: AbortSignal,
): Promise<Workload | null> {
  const path = `/apis/${owner.apiVersion}/namespaces/${encodeURIComponent(namespace)}/${resourceOf(owner)}/${encodeURIComponent(owner.name)}`
  try {
    const { metadata } = await kube.getMetadata(path, signal)
    // Another one of the same name, made since: whose the first was, is no longer known.
    if (metadata?.uid !== owner.uid) return null
    return itself(controllerOf(metadata) ?? owner)
  } catch {
    // Not allowed, gone, or no answer: the pod is seen again at its next change.
    return null
  }
}

function controllerOf(metadata: KubeObject['metadata']): OwnerReference | null {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true) ?? null
}
