import { messageOf } from '../crash/errors.ts'
import { type ContainerRef, parseCgroup } from './cgroup.ts'

/** Whose process it was. */
export type Identity = HostIdentity | ContainerIdentity

export interface HostIdentity {
  readonly kind: 'host'
}

/**
 * `containerId` and `podUid` are the kernel's word. `pod` and `container` are the runtime's, and `null` if
 * it gave none: `unanswered` says why. Without it, the runtime said that there is no such thing: the
 * container is in no pod, or the process was the pod's own sandbox and in no container.
 *
 * Of a core that lies in a file, the kubelet's folders are witness instead of the two: {@link ownerOfFolder}.
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
 * A pod as its runtime remembers it: as it was when it was started, later annotations are not seen. With
 * {@link withHandedPods}, they are.
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
  /** Empty: nobody could say which container of the pod it is. */
  readonly name: string
  /** The image as a person wrote it. */
  readonly image?: string
  /** The image as the runtime knows it: a digest. */
  readonly imageId?: string
  readonly restartCount?: number
}

/** The container is `null` if the id is that of the pod's sandbox. */
export interface Described {
  readonly pod: PodRecord
  readonly container: ContainerRecord | null
}

/** Who keeps the node's containers: {@link connectRuntime} in production. */
export interface Runtime {
  /**
   * `null`: the runtime answered, and knows no such container. Rejects if it did not answer, and soon
   * after `signal` is aborted in any case. `podUid` is the cgroup's word, if it has one.
   */
  describe(containerId: string, signal: AbortSignal, podUid?: string | null): Promise<Described | null>
}

// On a busy node a runtime may be slow. One that hangs starts no container either, so nobody waits for us.
const DEADLINE_SECONDS = 10

/**
 * Finds out whose process it was, from the text of its `/proc/<pid>/cgroup`. Never rejects, and takes
 * no longer than `deadlineSeconds`: a core is kept whether or not the runtime is well.
 */
export async function identify(
  cgroupText: string,
  runtime: Runtime,
  deadlineSeconds = DEADLINE_SECONDS,
): Promise<Identity> {
  const ref = parseCgroup(cgroupText)
  if (ref === null) return { kind: 'host' }
  try {
    const described = await askInTime(runtime, ref, deadlineSeconds)
    return described === null ? unknown(ref) : verified(ref, described)
  } catch (cause) {
    return unanswered(ref, messageOf(cause))
  }
}

// Not AbortSignal.timeout: its timer does not keep the process alive, and where nothing else does,
// Node would leave in the middle of the wait.
async function askInTime(runtime: Runtime, { containerId, podUid }: ContainerRef, deadlineSeconds: number) {
  const deadline = new AbortController()
  const tooLate = Promise.withResolvers<never>()
  const late = new Error(`Cannot identify container "${containerId}": no answer in ${deadlineSeconds} s`)
  const timer = setTimeout(() => {
    deadline.abort(late)
    // A turn later: the runtime may tell better what it was that hung.
    setImmediate(() => tooLate.reject(late))
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

// Kubernetes allows 63 characters in a label's value and 317 in its key, and does not limit how many.
const LABELS_KEPT = 100
const LONGEST_NAME = 317

// The annotations that are not addressed to us stay out of our logs: kubectl's last-applied-configuration
// holds the whole manifest, with the environment and its secrets.
const OUR_ANNOTATIONS = 'coredog.io/'

function boundPod({ namespace, name, uid, labels, annotations, workload }: PodRecord): PodRecord {
  const ours = Object.entries(annotations).filter(([key]) => key.startsWith(OUR_ANNOTATIONS))
  return {
    namespace: bound(namespace),
    name: bound(name),
    uid: bound(uid),
    labels: boundEntries(Object.entries(labels)),
    annotations: boundEntries(ours, 4096),
    ...(workload && { workload: { kind: bound(workload.kind), name: bound(workload.name) } }),
  }
}

function boundContainer({ name, image, imageId, restartCount }: ContainerRecord): ContainerRecord {
  return {
    name: bound(name),
    ...(image === undefined ? {} : { image: bound(image, 1024) }),
    ...(imageId === undefined ? {} : { imageId: bound(imageId, 1024) }),
    ...(restartCount === undefined ? {} : { restartCount }),
  }
}

function boundEntries(entries: readonly (readonly [string, string])[], longest = LONGEST_NAME) {
  return Object.fromEntries(
    entries.slice(0, LABELS_KEPT).map(([key, value]) => [bound(key), bound(value, longest)]),
  )
}

/** At most `longest` UTF-16 units, with nothing in it that moves a cursor or turns a line around. */
function bound(text: string, longest = LONGEST_NAME): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd')
}
