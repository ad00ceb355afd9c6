import { existsSync } from 'node:fs'
import type { Client, ServiceError } from '@grpc/grpc-js'
import type { Root } from 'protobufjs/light.js'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import type { ContainerRecord, PodRecord } from '../../crash/identity.ts'
import { anySignal } from '../../time/any-signal.ts'
import {
  type Container,
  type ContainerStatus,
  type ContainerStatusResponse,
  CRI_MESSAGES,
  type ListContainersResponse,
  type PodSandboxStatus,
  type PodSandboxStatusResponse,
} from './cri-messages.ts'
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
      const wire = await loadWire()
      const settled = new AbortController()
      const until = anySignal([signal, settled.signal])
      try {
        return await firstToKnow(present.map(socket => ask(wire, socket, containerId, until)))
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

interface Wire {
  readonly grpc: typeof import('./cri-wire.ts')
  readonly messages: Root
}

async function loadWire(): Promise<Wire> {
  const grpc = await import('./cri-wire.ts')
  return { grpc, messages: grpc.protobuf.Root.fromJSON(CRI_MESSAGES) }
}

/** Calls a method of the runtime's. `null`: it says that there is no such thing. */
type Call = <Response>(method: string, request: object) => Promise<Response | null>

async function ask(
  wire: Wire,
  socket: string,
  containerId: string,
  signal: AbortSignal,
): Promise<Described | null> {
  const client = new wire.grpc.Client(`unix:${socket}`, wire.grpc.credentials.createInsecure(), {
    // The largest pod that the API server takes has 256 KiB of annotations.
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
  })
  try {
    return await lookUp(containerId, (method, request) => callUnary(wire, client, method, request, signal))
  } catch (cause) {
    const state = signal.aborted ? 'no answer in time' : messageOf(cause)
    throw new Error(`Cannot ask the container runtime at "${socket}": ${state}`, { cause })
  } finally {
    client.close()
  }
}

function callUnary<Response>(
  { grpc, messages }: Wire,
  client: Client,
  method: string,
  request: object,
  signal: AbortSignal,
): Promise<Response | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Response | null>()
  if (signal.aborted) return Promise.reject(signal.reason)
  const call = client.makeUnaryRequest(
    `/runtime.v1.RuntimeService/${method}`,
    (value: object) => encode(messages, `${method}Request`, value),
    bytes => decode<Response>(messages, `${method}Response`, bytes),
    request,
    (error: ServiceError | null, response) => {
      signal.removeEventListener('abort', cancel)
      if (error === null) resolve(response ?? null)
      else if (error.code === grpc.status.NOT_FOUND) resolve(null)
      else reject(error)
    },
  )
  const cancel = () => call.cancel()
  signal.addEventListener('abort', cancel)
  return promise
}

function encode(messages: Root, type: string, value: object): Buffer {
  return Buffer.from(messages.lookupType(type).encode(value).finish())
}

function decode<Message>(messages: Root, type: string, bytes: Uint8Array): Message {
  const reader = messages.lookupType(type)
  // The types of cri-messages.ts stand beside their descriptors, and say what `defaults` makes of them.
  return reader.toObject(reader.decode(bytes), { defaults: true }) as Message
}

// A container's status does not name its sandbox, and its annotations are not the pod's. Only its entry in
// the list leads to the sandbox, which has the pod's own; only its status has the image's readable name.
async function lookUp(containerId: string, call: Call): Promise<Described | null> {
  const [list, status] = await Promise.all([
    call<ListContainersResponse>('ListContainers', { filter: { id: containerId } }),
    call<ContainerStatusResponse>('ContainerStatus', { containerId }),
  ])
  const container = list?.containers.find(({ id }) => id === containerId)
  const podSandboxId = container?.podSandboxId ?? containerId
  const sandbox = await call<PodSandboxStatusResponse>('PodSandboxStatus', { podSandboxId })
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
