import { ANNOTATIONS } from '../../crash/annotations.ts'
import { isDnsLabel, isDnsName } from '../../crash/dns-name.ts'
import type { ContainerIdentity, ContainerRecord, PodIdentity } from '../../crash/identity.ts'
import type { HandoffContainer, HandoffPod } from '../../handoff/run-folder.ts'

/**
 * Where a core lies below the dumps directory. The kubelet made these folders, so nothing that a container
 * does can change them.
 */
export interface KubeletFolder {
  readonly namespace: string
  /** The name of a pod, or what stood there in older layouts: see {@link ownerOfFolder}. */
  readonly pod: string
  /** `null` in layouts that had no folder for it. */
  readonly container: string | null
}

/** What Kubernetes would never have called so (RFC 1123); `null`: all of it may be. */
export function wrongNameIn({ namespace, pod, container }: KubeletFolder): string | null {
  if (!isDnsLabel(namespace)) return `${JSON.stringify(namespace)} is no name of a namespace`
  // The first webhook did not know the end of a generated name, and wrote this instead.
  if (!isDnsName(pod.replace(/XXXXX$/, 'xxxxx'))) return `${JSON.stringify(pod)} is no name of a pod`
  if (container === null || isDnsLabel(container)) return null
  return `${JSON.stringify(container)} is no name of a container`
}

/**
 * Whose core it is that lies in `folder`. `pods` are those of this node that the API server knows; `null`:
 * unknown. It stays the namespace's in any case, and a pod that is gone keeps the name of its folder.
 */
export function ownerOfFolder(
  folder: KubeletFolder,
  pods: readonly HandoffPod[] | null,
): ContainerIdentity & { readonly pod: PodIdentity } {
  const known = podOf(folder, pods ?? [])
  if (known !== null) {
    const { containers, ...pod } = known
    return {
      kind: 'container',
      containerId: null,
      podUid: pod.uid,
      pod,
      container: containerOf(folder, containers),
    }
  }
  const { namespace, pod: segment } = folder
  const isUid = UID.test(segment)
  const who = pods === null ? 'nobody said which pods this node has' : 'the API server no longer knows it'
  return {
    kind: 'container',
    containerId: null,
    podUid: isUid ? segment : null,
    pod: { namespace, name: isUid ? `pod-${segment.slice(0, 8)}` : segment },
    container: { name: folder.container ?? '' },
    unanswered: `only the folder of pod "${namespace}/${segment}" is known: ${who}`,
  }
}

const UID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const GENERATED = /^pod-[0-9a-f]{8}$/

/**
 * The pod of that name, else of that uid, else the one that webhooks of old gave the segment to, since it had
 * no name yet: the uid of the admission, or `pod-` and its beginning, which stand in an annotation. Every
 * user who may make pods in the namespace can write one, so it counts only where nothing else can be meant.
 */
function podOf({ namespace, pod: segment }: KubeletFolder, pods: readonly HandoffPod[]): HandoffPod | null {
  const neighbours = pods.filter(pod => pod.namespace === namespace)
  const known =
    neighbours.find(({ name }) => name === segment) ?? neighbours.find(({ uid }) => uid === segment)
  return known ?? onlyOne(neighbours.filter(({ annotations }) => isAnnotated(annotations, segment)))
}

function isAnnotated(annotations: HandoffPod['annotations'], segment: string): boolean {
  if (UID.test(segment)) return annotations[ANNOTATIONS.admissionUid] === segment
  if (!GENERATED.test(segment)) return false
  const admission = annotations[ANNOTATIONS.admissionUid] ?? ''
  return annotations[ANNOTATIONS.podName] === segment || `pod-${admission.slice(0, 8)}` === segment
}

/** Without a folder of its own, it is known of a pod that has but one. */
function containerOf({ container }: KubeletFolder, containers: readonly HandoffContainer[]): ContainerRecord {
  const name = container ?? onlyOne([...new Set(containers.map(({ name }) => name))]) ?? ''
  // Id, image id and restarts are of the container that runs now, which is another one by now, as a rule: see
  // crashedContainer().
  const image = containers.find(candidate => candidate.name === name)?.image
  return { name, ...(image === undefined ? {} : { image }) }
}

function onlyOne<T>(found: readonly T[]): T | null {
  return found.length === 1 ? (found[0] ?? null) : null
}
