import { existsSync } from 'node:fs'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import type { ContainerRecord, PodRecord } from '../../crash/identity.ts'
import { anySignal } from '../../time/any-signal.ts'
import type { CriClient } from './cri-client.ts'
import type { Container, ContainerStatus, PodSandboxStatus } from './cri-messages.ts'
import type { Described, Runtime } from './identify.ts'
import { kubeletFolderIn } from './kubelet-folder-in.ts'

/**
 * The node's container runtime, by CRI v1 over its unix socket. Of `sockets`, all that exist are asked side
 * by side and the one that knows the container is believed: a node may have a second containerd that belongs
 * to Docker and speaks no CRI, or the socket of one that is gone or hangs. `describe` connects anew each
 * time, and leaves nothing open.
 */
export function connectRuntime(sockets: readonly string[]): Runtime {
  return {
    async describe(containerId, signal) {
      const present = sockets.map(pathOf).filter(existsSync)
      if (present.length === 0) throw noSocket(sockets)
      const settled = new AbortController()
      const until = anySignal([signal, settled.signal])
      try {
        return await firstToKnow(present.map(socket => ask(socket, containerId, until)))
      } finally {
        settled.abort()
      }
    },
  }
}

/** Sockets are also written as crictl and the kubelet write them. */
function pathOf(socket: string): string {
  return socket.replace(/^unix:(\/\/)?/, '')
}

const UNKNOWN = Symbol('this runtime knows no such container')

/** `null` only if all have answered: one that failed may be the one that knows. */
async function firstToKnow(answers: readonly Promise<Described | null>[]): Promise<Described | null> {
  try {
    return await Promise.any(answers.map(async answer => (await answer) ?? Promise.reject(UNKNOWN)))
  } catch (cause) {
    const failures =
      cause instanceof AggregateError ? cause.errors.filter(error => error !== UNKNOWN) : [cause]
    if (failures.length === 0) return null
    throw new Error(failures.map(messageOf).join('; '), { cause })
  }
}

async function ask(socket: string, containerId: string, signal: AbortSignal): Promise<Described | null> {
  try {
    const { CriClient } = await import('./cri-client.ts')
    signal.throwIfAborted()
    return await lookUpUntil(signal, containerId, new CriClient(socket))
  } catch (cause) {
    const state = signal.aborted ? 'no answer in time' : messageOf(cause)
    throw new Error(`Cannot ask the container runtime at "${socket}": ${state}`, { cause })
  }
}

async function lookUpUntil(
  signal: AbortSignal,
  containerId: string,
  client: CriClient,
): Promise<Described | null> {
  const end = () => client.end()
  signal.addEventListener('abort', end)
  try {
    return await lookUp(containerId, client)
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

// A container's status does not name its sandbox, and its annotations are not the pod's. Only its entry in
// the list leads to the sandbox, which has the pod's own; only its status has the image's readable name.
async function lookUp(containerId: string, client: CriClient): Promise<Described | null> {
  const [list, status] = await Promise.all([
    client.listContainers(containerId),
    client.containerStatus(containerId),
  ])
  const container = list?.containers.find(({ id }) => id === containerId)
  const podSandboxId = container?.podSandboxId ?? containerId
  const sandbox = await client.podSandboxStatus(podSandboxId)
  const pod = podRecord(sandbox?.status)
  if (container === undefined) return pod && { pod, container: null }
  if (pod === null) throw new Error('it knows the container, but not its pod')
  return { pod, container: containerRecord(container, status?.status, pod) }
}

function podRecord(sandbox: PodSandboxStatus | null | undefined): PodRecord | null {
  const { metadata, labels = {}, annotations = {} } = sandbox ?? {}
  if (!metadata) return null
  const { namespace, name, uid } = metadata
  return { namespace, name, uid, labels: withoutKubelets(labels), annotations }
}

/** The kubelet adds labels of its own to the pod's, to find its way back. */
function withoutKubelets(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('io.kubernetes.')))
}

function containerRecord(
  listed: Container,
  status: ContainerStatus | null | undefined,
  { uid }: PodRecord,
): ContainerRecord {
  // containerd lists the image by its id, as if a person had written that.
  const image = [status?.image, listed.image]
    .flatMap(spec => [spec?.userSpecifiedImage, spec?.image])
    .find(Boolean)
  const imageId = [status?.imageRef, status?.imageId, listed.imageRef].find(Boolean)
  const restartCount = restartCountOf(listed)
  const { logPath } = status ?? {}
  const kubeletFolder = kubeletFolderIn(status?.mounts ?? [], uid)
  return {
    name: listed.metadata?.name ?? '',
    ...(image === undefined ? {} : { image }),
    ...(imageId === undefined ? {} : { imageId }),
    ...(restartCount === undefined ? {} : { restartCount }),
    ...(logPath ? { logPath } : {}),
    ...(kubeletFolder === null ? {} : { kubeletFolder }),
  }
}

/** Attempts are the same number, as long as it was the kubelet that made the container. */
function restartCountOf({ annotations, metadata }: Container): number | undefined {
  const counted = annotations['io.kubernetes.container.restartCount'] ?? ''
  return /^\d{1,9}$/.test(counted) ? Number(counted) : metadata?.attempt
}

function noSocket(sockets: readonly string[]): OperatorError {
  return new OperatorError(
    `Cannot ask the container runtime: none of ${sockets.map(socket => `"${socket}"`).join(', ')} exists`,
    'Add the CRI socket of this node to cri.sockets in coredog.yaml: `crictl info` or the kubelet’s --container-runtime-endpoint names it.',
  )
}
