import { ANNOTATION_PREFIX } from '../../crash/annotations.ts'
import type { ContainerRecord, PodRecord } from '../../crash/identity.ts'
import { handoffPodOf } from '../../handoff/handoff-pod-of.ts'
import type { HandoffContainer, HandoffPod } from '../../handoff/run-folder.ts'
import type { Described, Runtime } from './identify.ts'

/**
 * The runtime, and where it cannot say whose a container is, the API server's record of this node's pods.
 * Where both know the pod, the runtime is believed but for two things that it cannot know: the workload, and
 * what was annotated after the pod started. So an owner who agreed to be collected later, or took it back, is
 * heard.
 *
 * `readPods` is called for containers only, and does not throw.
 */
export function withHandoffPods(runtime: Runtime, readPods: () => readonly HandoffPod[] | null): Runtime {
  return {
    async describe(containerId, signal, podUid = null) {
      // Before the runtime is asked: after its deadline there is no time left.
      const pods = readPods() ?? []
      const handoff = find(pods, containerId, podUid)
      if (handoff === null) return completed(await runtime.describe(containerId, signal, podUid), pods)
      const answer = await orNothing(runtime.describe(containerId, signal, podUid), signal)
      return completed(answer ?? handoff, pods)
    },
    foretell: (containerId, podUid) => find(readPods() ?? [], containerId, podUid),
  }
}

/** Whatever is wrong with the runtime, the list that the installer handed over knows, too. */
async function orNothing(answer: Promise<Described | null>, signal: AbortSignal): Promise<Described | null> {
  const tooLate = Promise.withResolvers<null>()
  const giveUp = () => tooLate.resolve(null)
  signal.addEventListener('abort', giveUp)
  try {
    return await Promise.race([answer.catch(() => null), tooLate.promise])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function find(pods: readonly HandoffPod[], containerId: string, podUid: string | null): Described | null {
  const found = handoffPodOf(pods, { containerId, podUid })
  if (found === null) return null
  const { pod, container } = found
  return {
    pod: podRecord(pod),
    container: container === null ? UNKNOWN_CONTAINER : containerRecord(pod, container),
  }
}

// It has started, or crashed, before the kubelet told the API server of it. Its sandbox does not: `null` is
// that.
const UNKNOWN_CONTAINER: ContainerRecord = { name: '' }

function completed(described: Described | null, pods: readonly HandoffPod[]): Described | null {
  const later = pods.find(({ uid }) => uid === described?.pod.uid)
  if (described === null || later === undefined) return described
  const { annotations } = described.pod
  const others = Object.entries(annotations).filter(([key]) => !key.startsWith(ANNOTATION_PREFIX))
  const pod = { ...described.pod, annotations: { ...Object.fromEntries(others), ...later.annotations } }
  return { ...described, pod: later.workload === undefined ? pod : { ...pod, workload: later.workload } }
}

function podRecord({ containers: _, ...pod }: HandoffPod): PodRecord {
  return pod
}

function containerRecord(
  pod: HandoffPod,
  { id: _id, startedAt: _from, finishedAt: _to, ...container }: HandoffContainer,
): ContainerRecord {
  const { name, restartCount } = container
  return restartCount === undefined
    ? container
    : { ...container, logPath: logPathOf(pod, name, restartCount) }
}

/** As the kubelet has it, unless its `podLogsDir` says otherwise: a log that is not there is not read. */
function logPathOf({ namespace, name, uid }: HandoffPod, container: string, restartCount: number): string {
  return `/var/log/pods/${namespace}_${name}_${uid}/${container}/${restartCount}.log`
}
