/** A container as its cgroup names it: the kernel vouches for it, so the runtime need not be asked. */
export interface ContainerRef {
  /** 64 hexadecimal digits. The id of the pod's sandbox when its `pause` process is meant. */
  readonly containerId: string
  /** The pod's uid (of a static pod: the 32 digits of its hash). `null`: the container is in no pod. */
  readonly podUid: string | null
}

// The kubelet's two drivers write the pod as `pod<uid>` (cgroupfs) or as
// `kubepods-burstable-pod<uid with underscores>.slice` (systemd). A static pod's uid is an MD5.
// `…slice:cri-containerd:<id>` in one segment is containerd on cgroupfs under a kubelet on systemd.
const POD =
  /^(?:[^:]*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?::(.*))?$/s

// Whole segments only: `crio-conmon-<id>.scope` is the container's monitor, on the host's side.
const CONTAINER =
  /^(?:[^:/]*\.slice:)?(?:(?:cri-containerd|crio|docker|libpod|containerd|nerdctl)[-:])?([0-9a-f]{64})(?:\.scope)?$/

/**
 * Which container a process is in, from the text of its `/proc/<pid>/cgroup` as the root of the node sees it:
 * cgroup v1, v2 or both. `null`: none, a process of the host.
 */
export function parseCgroup(text: string): ContainerRef | null {
  const refs = pathsIn(text)
    .map(refFromPath)
    .filter(ref => ref !== null)
  return refs.find(ref => ref.podUid !== null) ?? refs[0] ?? null
}

/** Whether it is at the root of every hierarchy, which says nothing of whose it is. */
export function isRootCgroup(text: string): boolean {
  return pathsIn(text).every(path => path === '/')
}

// A container on cgroup v1 is in the same place in every hierarchy, but for those that its runtime
// does not know (rdma, misc) or that systemd was asked to leave alone.
const PREFERRED = ['name=systemd', 'memory', 'pids']

function pathsIn(text: string): string[] {
  return text
    .split('\n')
    .map(line => /^\d+:([^:]*):(\/.*)$/s.exec(line))
    .filter(match => match !== null)
    .map(([, controllers = '', path = '']) => ({ rank: rankOf(controllers), path }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ path }) => path)
}

function rankOf(controllers: string): number {
  const rank = PREFERRED.findIndex(name => controllers.split(',').includes(name))
  return rank === -1 ? PREFERRED.length : rank
}

// From the root down, and the first one decides. What stands further right was made by a process with less
// power: systemd or a Docker in the container nest their own cgroups below the real one, and nothing stops a
// container from naming one after its victim's. A node of kind is the exception that needs no rule: its own
// docker id stands left of the pod.
function refFromPath(path: string): ContainerRef | null {
  const segments = path
    .replace(/ \(deleted\)$/, '')
    .split('/')
    .filter(Boolean)
  // Users of the node make cgroups of any name under theirs. Their rootless containers are not ours.
  if (segments[0] === 'user.slice') return null
  const pod = segments.findIndex(segment => POD.test(segment))
  return pod === -1 ? plainContainer(segments) : containerOfPod(segments[pod] ?? '', segments[pod + 1] ?? '')
}

function containerOfPod(segment: string, next: string): ContainerRef | null {
  const [, uid = '', suffix] = POD.exec(segment) ?? []
  const id = containerIdIn(suffix ?? next)
  return id === null ? null : { containerId: id, podUid: uid.replaceAll('_', '-') }
}

function plainContainer(segments: readonly string[]): ContainerRef | null {
  const id = segments.map(containerIdIn).find(found => found !== null)
  return id === undefined ? null : { containerId: id, podUid: null }
}

function containerIdIn(segment: string): string | null {
  return CONTAINER.exec(segment)?.[1] ?? null
}
