import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import protobuf from 'protobufjs'

/** A pod as the kubelet would have told the runtime. Ids that are left out are made up. */
export interface FakePod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly sandboxId?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly containers?: readonly FakeContainer[]
}

export interface FakeContainer {
  readonly id: string
  readonly name: string
  readonly image?: string
  readonly userSpecifiedImage?: string
  readonly imageRef?: string
  /** As the kubelet's annotation has it; left out: there is no such annotation. */
  readonly restartCount?: number
  readonly attempt?: number
}

/**
 * What is wrong with the runtime. `refuse`: its socket is there, but no process listens. `mute`: it takes the
 * connection and says nothing. `hang`: it takes the call and does not answer. `forgetful`: it has containers,
 * but their pods are gone. The rest is what it answers to everything.
 */
export type FakeCriFault =
  | 'refuse'
  | 'mute'
  | 'hang'
  | 'forgetful'
  | 'unavailable'
  | 'unimplemented'
  | 'oversized'
  | 'garbage'

export interface FakeCri {
  /** Path of its unix socket. */
  readonly socket: string
  /** What it was asked: `ListContainers {"filter":{"id":"…"}}`, with every field that was sent. */
  readonly calls: readonly string[]
  /**
   * Resolves when the last client has gone by itself: a client that leaves a connection open makes it wait.
   */
  deserted(): Promise<void>
  close(): Promise<void>
}

/** A container runtime that answers as containerd does, on a unix socket in a temporary directory. */
export async function startFakeCri(options: {
  readonly pods?: readonly FakePod[]
  readonly fault?: FakeCriFault
}): Promise<FakeCri> {
  const { pods = [], fault } = options
  const calls: string[] = []
  const dir = await mkdtemp(path.join(tmpdir(), 'fake-cri-'))
  const socket = path.join(dir, 'cri.sock')
  const door = await openDoor(socket)
  const server = grpcServer(answering(pods, fault, calls), fault)
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  if (fault !== 'mute') door.server.on('connection', client => injector.injectConnection(client))
  if (fault === 'refuse') await lockDoor(door, socket)
  return {
    socket,
    calls,
    deserted: door.deserted,
    async close() {
      door.server.close()
      server.forceShutdown()
      for (const client of door.clients) client.destroy()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** An id as runtimes give them. */
export function fakeId(): string {
  return randomBytes(32).toString('hex')
}

function grpcServer(handlers: Record<Method, UntypedHandleCall>, fault: FakeCriFault | undefined): Server {
  const server = new Server()
  if (fault !== 'unimplemented') server.addService(SERVICE, handlers)
  return server
}

/** The listening socket, in front of the gRPC server, which does not tell who is connected. */
interface Door {
  readonly server: NetServer
  readonly clients: ReadonlySet<Socket>
  readonly deserted: () => Promise<void>
}

async function openDoor(socket: string): Promise<Door> {
  const clients = new Set<Socket>()
  const server = createServer(client => {
    clients.add(client)
    client.on('error', () => client.destroy()).on('close', () => clients.delete(client))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve))
  const deserted = async () => {
    await Promise.all([...clients].map(client => once(client, 'close')))
  }
  return { server, clients, deserted }
}

/**
 * Leaves the socket without a listener. A server that stops removes its socket, but only from where it put
 * it.
 */
async function lockDoor({ server }: Door, socket: string): Promise<void> {
  await rename(socket, `${socket}.kept`)
  await new Promise(resolve => server.close(resolve))
  await rename(`${socket}.kept`, socket)
}

// Written out again, and not taken from the handler, so that a wrong number there is found here. Numbers
// of k8s.io/cri-api, pkg/apis/runtime/v1/api.proto; some fields are here to be skipped by the reader.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ListContainersRequest { ContainerFilter filter = 1; }
  message ContainerFilter { string id = 1; string pod_sandbox_id = 3; map<string, string> label_selector = 4; }
  message ListContainersResponse { repeated Container containers = 1; }
  message Container {
    string id = 1; string pod_sandbox_id = 2; ContainerMetadata metadata = 3; ImageSpec image = 4;
    string image_ref = 5; int32 state = 6; int64 created_at = 7; map<string, string> labels = 8;
    map<string, string> annotations = 9;
  }
  message ContainerMetadata { string name = 1; uint32 attempt = 2; }
  message ImageSpec { string image = 1; map<string, string> annotations = 2; string user_specified_image = 18; }
  message ContainerStatusRequest { string container_id = 1; bool verbose = 2; }
  message ContainerStatusResponse { ContainerStatus status = 1; map<string, string> info = 2; }
  message ContainerStatus {
    string id = 1; ContainerMetadata metadata = 2; int32 state = 3; int64 created_at = 4; int64 started_at = 5;
    ImageSpec image = 8; string image_ref = 9; map<string, string> labels = 12;
    map<string, string> annotations = 13; string log_path = 15;
  }
  message PodSandboxStatusRequest { string pod_sandbox_id = 1; bool verbose = 2; }
  message PodSandboxStatusResponse { PodSandboxStatus status = 1; map<string, string> info = 2; }
  message PodSandboxStatus {
    string id = 1; PodSandboxMetadata metadata = 2; int32 state = 3; int64 created_at = 4;
    map<string, string> labels = 7; map<string, string> annotations = 8; string runtime_handler = 9;
  }
  message PodSandboxMetadata { string name = 1; string uid = 2; string namespace = 3; uint32 attempt = 4; }
`)

const METHODS = ['ListContainers', 'ContainerStatus', 'PodSandboxStatus'] as const
type Method = (typeof METHODS)[number]

const SERVICE: ServiceDefinition = Object.fromEntries(
  METHODS.map(method => {
    const [asked, answer] = [root.lookupType(`${method}Request`), root.lookupType(`${method}Response`)]
    return [
      method,
      {
        path: `/runtime.v1.RuntimeService/${method}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: object) => Buffer.from(asked.encode(value).finish()),
        requestDeserialize: (bytes: Buffer) => asked.toObject(asked.decode(bytes)),
        responseSerialize: (value: object) =>
          Buffer.isBuffer(value) ? value : Buffer.from(answer.encode(value).finish()),
        responseDeserialize: (bytes: Buffer) => answer.decode(bytes),
      },
    ]
  }),
)

/** What the client sends: each method reads the one that it has. */
interface Asked {
  readonly filter?: { readonly id?: string }
  readonly containerId?: string
  readonly podSandboxId?: string
}

type Answer = object | null

function answering(
  pods: readonly FakePod[],
  fault: FakeCriFault | undefined,
  calls: string[],
): Record<Method, UntypedHandleCall> {
  const records = recordsOf(pods)
  const answers: Record<Method, (asked: Asked) => Answer> = {
    ListContainers: ({ filter }) => ({
      containers: records.containers.filter(({ id }) => !filter?.id || id === filter.id),
    }),
    ContainerStatus: ({ containerId }) =>
      wrapped(
        records.statuses.find(({ id }) => id === containerId),
        'x'.repeat(fault === 'oversized' ? 5e6 : 1),
      ),
    PodSandboxStatus: ({ podSandboxId }) =>
      fault === 'forgetful'
        ? null
        : wrapped(
            records.sandboxes.find(({ id }) => id === podSandboxId),
            '',
          ),
  }
  return Object.fromEntries(
    METHODS.map(method => [method, handlerOf(method, answers[method], fault, calls)]),
  ) as Record<Method, UntypedHandleCall> // METHODS is all of them
}

function wrapped(status: object | undefined, info: string): Answer {
  return status === undefined ? null : { status, info: { info } }
}

function handlerOf(
  method: Method,
  answer: (asked: Asked) => Answer,
  fault: FakeCriFault | undefined,
  calls: string[],
): UntypedHandleCall {
  return ({ request }: { request: Asked }, reply: (error: object | null, value?: object) => void) => {
    calls.push(`${method} ${JSON.stringify(request)}`)
    if (fault === 'hang') return
    if (fault === 'unavailable')
      return reply({ code: status.UNAVAILABLE, details: 'server is not initialized yet' })
    if (fault === 'garbage') return reply(null, Buffer.from('ffffffff', 'hex'))
    const value = answer(request)
    // An error before the first message: grpc-js sends it as containerd does, in the trailers only.
    if (value === null) return reply({ code: status.NOT_FOUND, details: 'an error occurred: not found' })
    reply(null, value)
  }
}

function recordsOf(pods: readonly FakePod[]) {
  const whole = pods.map(pod => ({
    sandboxId: fakeId(),
    containers: [],
    labels: {},
    annotations: {},
    ...pod,
  }))
  const sandboxes = whole.map(pod => ({
    id: pod.sandboxId,
    metadata: { name: pod.name, uid: pod.uid, namespace: pod.namespace, attempt: 0 },
    state: 0,
    createdAt: 1_753_000_000_000_000,
    labels: { ...pod.labels, ...kubeletLabels(pod) },
    annotations: pod.annotations,
  }))
  const containers = whole.flatMap(pod => pod.containers.map(container => listedContainer(pod, container)))
  const statuses = whole.flatMap(pod => pod.containers.map(container => containerStatus(pod, container)))
  return { sandboxes, containers, statuses }
}

function listedContainer(pod: FakePod, container: FakeContainer) {
  return {
    ...commonOf(pod, container),
    podSandboxId: pod.sandboxId,
    // containerd lists the image by its id.
    image: { image: `sha256:${'1'.repeat(64)}` },
  }
}

function containerStatus(pod: FakePod, container: FakeContainer) {
  const { image = 'registry.example/app:1', userSpecifiedImage = '' } = container
  return {
    ...commonOf(pod, container),
    image: { image, userSpecifiedImage },
    logPath: '/var/log/pods/app/0.log',
  }
}

function commonOf(pod: FakePod, container: FakeContainer) {
  const {
    id,
    name,
    attempt = 0,
    restartCount,
    imageRef = `registry.example/app@sha256:${'2'.repeat(64)}`,
  } = container
  const counted =
    restartCount === undefined ? {} : { 'io.kubernetes.container.restartCount': String(restartCount) }
  return {
    id,
    metadata: { name, attempt },
    imageRef,
    state: 1,
    createdAt: 1_753_000_000_000_000,
    labels: { ...kubeletLabels(pod), 'io.kubernetes.container.name': name },
    annotations: { 'io.kubernetes.container.hash': '1a2b3c4d', ...counted },
  }
}

function kubeletLabels({ namespace, name, uid }: FakePod): Record<string, string> {
  return {
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.name': name,
    'io.kubernetes.pod.uid': uid,
  }
}
