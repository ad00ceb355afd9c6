import type { Owner } from './object-key.ts'
import { present } from './present.ts'
import type { CrashReport } from './report.ts'

/** Whose process it was. */
export type Identity = HostIdentity | ContainerIdentity

export interface HostIdentity {
  readonly kind: 'host'
}

/**
 * `containerId` and `podUid` are the kernel's word. `pod` and `container` are the runtime's, and `null` if it
 * gave none: `unanswered` says why. Without it, the runtime said that there is no such thing: the container
 * is in no pod, or the process was the pod's own sandbox and in no container.
 *
 * Of a core that lies in a file, the kubelet's folders are witness instead of the two.
 */
export interface ContainerIdentity {
  readonly kind: 'container'
  /** `null`: a container has many in its time, and it cannot be told which one it was. */
  readonly containerId: string | null
  readonly podUid: string | null
  readonly pod: PodIdentity | null
  readonly container: ContainerRecord | null
  /** Why it could not be said in full; absent when it could. */
  readonly unanswered?: string
}

/** A pod, maybe by no more than its name: its folder outlives it. */
export type PodIdentity = Pick<PodRecord, 'namespace' | 'name'> & Partial<PodRecord>

/**
 * A pod as its runtime remembers it: as it was when it was started, later annotations are seen where
 * the API server was asked, too.
 */
export interface PodRecord {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** What it belongs to in the end. Only the API server knows. */
  readonly workload?: { readonly kind: string; readonly name: string }
}

/** A container as its runtime remembers it. What the runtime does not say is absent. */
export interface ContainerRecord {
  /** Empty: it is unknown which container of the pod it is. */
  readonly name: string
  /** The image as a person wrote it. */
  readonly image?: string
  /** The image as the runtime knows it: a digest. */
  readonly imageId?: string
  readonly restartCount?: number
  /** Where its log is on the node. */
  readonly logPath?: string
  /** Where the kubelet keeps its pods on the node, as the container's mounts tell. */
  readonly kubeletFolder?: string
}

/** Where a crash is kept. */
export function ownerOf(identity: Identity | null, nodeName: string): Owner {
  if (identity?.kind === 'host') return { kind: 'host', node: nodeName }
  if (identity === null || identity.pod === null) return { kind: 'unverified', node: nodeName }
  const { namespace, name } = identity.pod
  return { kind: 'pod', namespace, pod: name, container: identity.container?.name ?? 'pause' }
}

/** What a report says of it. */
export function describeOwner(identity: Identity | null): Pick<CrashReport, 'pod' | 'container'> {
  if (identity?.kind !== 'container') return {}
  const { containerId, podUid, pod, container } = identity
  return {
    pod: present({
      namespace: pod?.namespace,
      name: pod?.name,
      uid: pod?.uid ?? podUid ?? undefined,
      labels: pod?.labels,
      workload: pod?.workload,
    }),
    container: present({
      name: container?.name || undefined,
      id: containerId ?? undefined,
      image: container?.image,
      imageId: container?.imageId,
      restartCount: container?.restartCount,
    }),
  }
}
