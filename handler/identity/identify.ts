import { ANNOTATION_PREFIX } from '../../crash/annotations.ts'
import { type ContainerRef, parseCgroup } from '../../crash/cgroup.ts'
import { messageOf } from '../../crash/errors.ts'
import type { ContainerIdentity, ContainerRecord, Identity, PodRecord } from '../../crash/identity.ts'
import { MOST_LABELS } from '../../crash/report.ts'
import { showInvisible } from '../../untrusted/invisible.ts'
import { waitedForCpuSeconds } from './cpu-wait.ts'

/** The container is `null` if the id is that of the pod's sandbox. */
export interface Described {
  readonly pod: PodRecord
  readonly container: ContainerRecord | null
}

/** The runtime of the node's containers: {@link connectRuntime} in production. */
export interface Runtime {
  /**
   * `null`: the runtime answered, and knows no such container. Rejects if it did not answer, and soon after
   * `signal` is aborted in any case. `podUid` is the cgroup's word, if it has one.
   */
  describe(containerId: string, signal: AbortSignal, podUid?: string | null): Promise<Described | null>
  /** What it will most likely say, without a wait; `null`: nothing is known yet. */
  foretell?(containerId: string, podUid: string | null): Described | null
}

// On a busy node a runtime may be slow. One that hangs starts no container either, so no restart waits for
// us.
const DEADLINE_SECONDS = 10
const MOST_STARVED_SECONDS = 20

/**
 * Finds out whose process it was, from the text of its `/proc/<pid>/cgroup`. Never rejects, and takes no
 * longer than `deadlineSeconds`, and at most {@link MOST_STARVED_SECONDS} more if it waited for a CPU itself
 * meanwhile: a core is kept whether or not the runtime is well.
 */
export async function identify(
  cgroupText: string,
  runtime: Runtime,
  deadlineSeconds = DEADLINE_SECONDS,
  starvedSeconds = waitedForCpuSeconds,
): Promise<Identity> {
  const ref = parseCgroup(cgroupText)
  if (ref === null) return { kind: 'host' }
  try {
    const described = await askInTime(runtime, ref, deadlineSeconds, starvedSeconds)
    return described === null ? unknown(ref) : verified(ref, described)
  } catch (cause) {
    return unanswered(ref, messageOf(cause))
  }
}

/** Whose process it most likely was, without a wait; `null`: that cannot be said yet. */
export function foretell(cgroupText: string, runtime: Runtime): Identity | null {
  const ref = parseCgroup(cgroupText)
  if (ref === null) return { kind: 'host' }
  const described = runtime.foretell?.(ref.containerId, ref.podUid) ?? null
  return described === null ? null : verified(ref, described)
}

/** What the kernel alone says of it; `unanswered` is why the runtime was not asked for its pod. */
export function identifyByKernel(cgroupText: string, unanswered: string): Identity {
  const ref = parseCgroup(cgroupText)
  if (ref === null) return { kind: 'host' }
  // Of a container in no pod there is nothing to ask.
  return ref.podUid === null ? unknown(ref) : { ...unknown(ref), unanswered }
}

// Not AbortSignal.timeout: its timer does not keep the process alive, and where nothing else does,
// Node would leave in the middle of the wait.
async function askInTime(
  runtime: Runtime,
  { containerId, podUid }: ContainerRef,
  deadlineSeconds: number,
  starvedSeconds: () => number,
) {
  const deadline = new AbortController()
  const tooLate = Promise.withResolvers<never>()
  const late = new Error(`Cannot identify container "${containerId}": no answer in ${deadlineSeconds} s`)
  const expire = () => {
    deadline.abort(late)
    // In the next turn of the event loop: the runtime's own error may say better what hung.
    setImmediate(() => tooLate.reject(late))
  }
  const starvedBefore = starvedSeconds()
  let timer = setTimeout(() => {
    const starved = Math.min(starvedSeconds() - starvedBefore, MOST_STARVED_SECONDS)
    timer = setTimeout(expire, starved * 1000)
  }, deadlineSeconds * 1000)
  try {
    return await Promise.race([runtime.describe(containerId, deadline.signal, podUid), tooLate.promise])
  } finally {
    clearTimeout(timer)
  }
}

function verified(ref: ContainerRef, { pod, container }: Described): ContainerIdentity {
  if (!isSamePod(ref, pod)) {
    return unanswered(ref, `the runtime says pod ${pod.uid}, but the cgroup says ${ref.podUid}`)
  }
  return { kind: 'container', ...ref, pod: boundPod(pod), container: container && boundContainer(container) }
}

// Without a pod in the cgroup (a kubelet with --cgroups-per-qos=false) there is nothing to compare: only
// root makes cgroups where parseCgroup looks for them. A static pod's cgroup may bear the hash of its
// file where the runtime has its uid.
function isSamePod({ podUid }: ContainerRef, { uid, annotations }: PodRecord): boolean {
  if (podUid === null || podUid === uid) return true
  return /^[0-9a-f]{32}$/.test(podUid) && annotations['kubernetes.io/config.hash'] === podUid
}

function unknown(ref: ContainerRef): ContainerIdentity {
  return { kind: 'container', ...ref, pod: null, container: null }
}

function unanswered(ref: ContainerRef, reason: string): ContainerIdentity {
  return { ...unknown(ref), unanswered: bound(reason, 500) }
}

// Kubernetes allows 63 characters in a label's value and 317 in its key.
const LONGEST_NAME = 317

// The annotations that are not addressed to us stay out of our logs: kubectl's last-applied-configuration
// holds the whole manifest, with the environment and its secrets.
function boundPod({ namespace, name, uid, labels, annotations, workload }: PodRecord): PodRecord {
  const ours = Object.entries(annotations).filter(([key]) => key.startsWith(ANNOTATION_PREFIX))
  return {
    namespace: bound(namespace),
    name: bound(name),
    uid: bound(uid),
    labels: boundEntries(Object.entries(labels)),
    annotations: boundEntries(ours, 4096),
    ...(workload && { workload: { kind: bound(workload.kind), name: bound(workload.name) } }),
  }
}

/** What no path on Linux may have, is longer than, or begins without. */
const PATH = /^\/[^\0]{1,4094}$/

function boundContainer(container: ContainerRecord): ContainerRecord {
  const { name, image, imageId, restartCount, logPath, kubeletFolder } = container
  return {
    name: bound(name),
    ...(image === undefined ? {} : { image: bound(image, 1024) }),
    ...(imageId === undefined ? {} : { imageId: bound(imageId, 1024) }),
    ...(restartCount === undefined ? {} : { restartCount }),
    ...(logPath !== undefined && PATH.test(logPath) && { logPath }),
    ...(kubeletFolder === undefined ? {} : { kubeletFolder }),
  }
}

function boundEntries(entries: readonly (readonly [string, string])[], longest = LONGEST_NAME) {
  return Object.fromEntries(
    entries.slice(0, MOST_LABELS).map(([key, value]) => [bound(key), bound(value, longest)]),
  )
}

/** At most `longest` UTF-16 units, with nothing in it that moves a cursor or reverses a line. */
function bound(text: string, longest = LONGEST_NAME): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return showInvisible(cut, '\ufffd')
}
