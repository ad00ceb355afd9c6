import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { ContainerConfig, Cri, Mount, PodSandboxConfig, SecurityContext } from './cri.ts'
import { GATE_DIRECTORY, type Gate, makeGate } from './gate.ts'
import { podLogs } from './workspace.ts'

/** What a test wants to run: a pod of one container. */
export interface PodSpec {
  readonly namespace: string
  readonly name: string
  /** The API server's, where it knows the pod. */
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly hostNetwork?: boolean
  readonly hostPid?: boolean
  /**
   * As an agent of the node is: all capabilities, devices and a writable /proc/sys, on the host's network.
   */
  readonly privileged?: boolean
  readonly container: {
    readonly name: string
    readonly image: string
    readonly command: readonly string[]
    readonly restartCount?: number
    readonly environment?: Readonly<Record<string, string>>
    readonly mounts?: readonly Mount[]
    /** The image's own if not given. */
    readonly user?: number
    readonly readOnlyRoot?: boolean
    /** What else there is to say of its rights. */
    readonly rights?: Partial<SecurityContext>
    readonly memoryBytes?: number
  }
}

export interface Pod {
  readonly uid: string
  readonly sandboxId: string
  readonly containerId: string
  /** Of the container's first process, in the node's pid namespace. */
  readonly pid: number
  readonly gate: Gate
  /** Lets the crasher go, once it stands at its gate. */
  crash(): Promise<void>
}

/** Runs a pod as a kubelet does: the same labels, annotations and cgroup. `dir` takes its log and gate. */
export async function runPod(cri: Cri, dir: string, spec: PodSpec): Promise<Pod> {
  const { uid = randomUUID() } = spec
  const gate = await makeGate(path.join(dir, 'gates', uid))
  const sandbox = sandboxConfig(spec, uid, path.join(podLogs(dir), uid))
  await mkdir(path.join(sandbox.logDirectory, spec.container.name), { recursive: true })
  const sandboxId = await cri.runPodSandbox(sandbox)
  const container = containerConfig(spec, uid, gate)
  const containerId = await cri.createContainer(sandboxId, container, sandbox)
  await cri.startContainer(containerId)
  const { pid } = await cri.containerStatus(containerId)
  const crash = async (): Promise<void> => (await gate.reach())()
  return { uid, sandboxId, containerId, pid, gate, crash }
}

function sandboxConfig(spec: PodSpec, uid: string, logDirectory: string): PodSandboxConfig {
  const { namespace, name } = spec
  return {
    metadata: { name, uid, namespace, attempt: 0 },
    ...(spec.hostNetwork || spec.privileged ? {} : { hostname: name }),
    logDirectory,
    labels: { ...spec.labels, ...podLabels(spec, uid) },
    annotations: { 'kubernetes.io/config.source': 'api', ...spec.annotations },
    linux: {
      cgroupParent: `/kubepods/besteffort/pod${uid}`,
      securityContext: securityContext(spec),
    },
  }
}

function containerConfig(spec: PodSpec, uid: string, gate: Gate): ContainerConfig {
  const {
    name,
    image,
    command,
    restartCount = 0,
    environment = {},
    mounts = [],
    user,
    readOnlyRoot = false,
    rights,
    memoryBytes,
  } = spec.container
  return {
    metadata: { name, attempt: restartCount },
    image: { image },
    command,
    envs: Object.entries({ ...environment, GATE: `${GATE_DIRECTORY}/fifo` }).map(([key, value]) => ({
      key,
      value,
    })),
    mounts: [{ containerPath: GATE_DIRECTORY, hostPath: gate.directory }, ...mounts],
    labels: { ...podLabels(spec, uid), 'io.kubernetes.container.name': name },
    annotations: {
      'io.kubernetes.container.hash': '5d3f1a2b',
      'io.kubernetes.container.restartCount': String(restartCount),
      'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': 'File',
      'io.kubernetes.pod.terminationGracePeriod': '30',
    },
    logPath: `${name}/${restartCount}.log`,
    linux: {
      securityContext: {
        ...securityContext(spec),
        ...(user !== undefined && { runAsUser: { value: user } }),
        readonlyRootfs: readOnlyRoot,
        ...rights,
      },
      ...(memoryBytes !== undefined && { resources: { memoryLimitInBytes: memoryBytes } }),
    },
  }
}

function podLabels({ namespace, name }: PodSpec, uid: string): Record<string, string> {
  return {
    'io.kubernetes.pod.name': name,
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.uid': uid,
  }
}

function securityContext({
  hostNetwork = false,
  hostPid = false,
  privileged = false,
}: PodSpec): SecurityContext {
  const network = hostNetwork || privileged ? 'NODE' : 'POD'
  return { namespaceOptions: { network, pid: hostPid ? 'NODE' : 'CONTAINER' }, privileged }
}
