import type { HandoffContainer, HandoffPod } from './run-folder.ts'

/** A container by the kernel's word. */
interface ContainerKey {
  readonly containerId: string | null
  readonly podUid: string | null
}

/**
 * The pod of `pods` that a container is in; of the pod alone is known, by its uid, if it has no such
 * container.
 */
export function handoffPodOf(
  pods: readonly HandoffPod[],
  { containerId, podUid }: ContainerKey,
): { readonly pod: HandoffPod; readonly container: HandoffContainer | null } | null {
  for (const pod of pods) {
    const container = pod.containers.find(({ id }) => id === containerId)
    if (container !== undefined) return { pod, container }
  }
  const pod = isUid(podUid) ? pods.find(({ uid }) => uid === podUid) : undefined
  return pod === undefined ? null : { pod, container: null }
}

// A static pod goes by a hash, which its mirror at the API server has as an annotation only: every user who
// may make pods can write one. The containers' ids are the kubelet's word.
function isUid(podUid: string | null): podUid is string {
  return podUid !== null && podUid.length === 36
}
