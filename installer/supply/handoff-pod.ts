import { ANNOTATION_PREFIX } from '../../crash/annotations.ts'
import { present } from '../../crash/present.ts'
import type { HandoffContainer, HandoffPod } from '../../handoff/run-folder.ts'
import type { ContainerStatus, Pod, TerminatedState } from '../../kube/objects.ts'

/**
 * A tenant may make its pod as large as etcd takes, 1.5 MiB, and every handler of the node reads what is said
 * of all pods.
 */
const LARGEST_TEXTS_BYTES = 8 * 1024
const LARGEST_CONTAINERS_BYTES = 32 * 1024
/**
 * By it the kubelet marks the mirror of a static pod. The node itself, and `kubectl describe`, know the pod
 * by its value.
 */
const MIRROR = 'kubernetes.io/config.mirror'

/** What the handler is told of a pod; `null` for what is no pod. Its workload has to be looked up. */
export function handoffPod({ metadata, status }: Pod): HandoffPod | null {
  const { namespace, name, uid, labels = {}, annotations = {} } = metadata ?? {}
  if (namespace === undefined || name === undefined || uid === undefined) return null
  const ours = Object.entries(annotations).filter(([key]) => key.startsWith(ANNOTATION_PREFIX))
  const statuses = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ]
  return {
    namespace,
    name,
    uid: annotations[MIRROR] ?? uid,
    labels: Object.fromEntries(within(LARGEST_TEXTS_BYTES, Object.entries(labels))),
    annotations: Object.fromEntries(within(LARGEST_TEXTS_BYTES, ours)),
    containers: within(LARGEST_CONTAINERS_BYTES, statuses.flatMap(containersIn)),
  }
}

/** As many of `items` as have room as JSON. */
function within<T>(longestBytes: number, items: readonly T[]): readonly T[] {
  let bytes = 0
  return items.filter(item => {
    const itemBytes = Buffer.byteLength(JSON.stringify(item))
    if (bytes + itemBytes > longestBytes) return false
    bytes += itemBytes
    return true
  })
}

/** The container there is, and the one before: that is the one that crashed, once it was restarted. */
function containersIn(status: ContainerStatus) {
  const { name, containerID, image, imageID, restartCount, state, lastState } = status
  const before = lastState?.terminated
  // One that waits to be restarted is the one before, still: it has the same id.
  const isWaiting = before?.containerID === containerID
  const now = state?.running ?? state?.terminated ?? (isWaiting ? before : undefined)
  const record = { name: name ?? '', ...present({ image, imageId: imageID }) }
  return [
    handoffContainer({ ...record, ...lifeOf(now) }, containerID, restartCount),
    isWaiting
      ? null
      : handoffContainer(
          { ...record, ...lifeOf(before) },
          before?.containerID,
          restartCount === undefined ? undefined : restartCount - 1,
        ),
  ].filter(container => container !== null)
}

/** From when to when a container ran; as Kubernetes writes it, to the second. */
function lifeOf(state: TerminatedState | undefined): Pick<HandoffContainer, 'startedAt' | 'finishedAt'> {
  return present({ startedAt: state?.startedAt, finishedAt: state?.finishedAt })
}

function handoffContainer(
  record: Omit<HandoffContainer, 'id' | 'restartCount'>,
  address: string | undefined,
  restartCount: number | undefined,
): HandoffContainer | null {
  const id = /^[a-z-]+:\/\/([0-9a-f]{64})$/.exec(address ?? '')?.[1]
  return id === undefined ? null : { ...record, id, ...present({ restartCount }) }
}
