import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { eventually } from './eventually.ts'

/** A pod as a kubelet describes it to the runtime: cri.proto, PodSandboxConfig. */
export interface PodSandboxConfig {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly namespace: string
    readonly attempt: number
  }
  readonly hostname?: string
  readonly logDirectory: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly linux: {
    readonly cgroupParent: string
    readonly securityContext: SecurityContext
  }
}

export interface SecurityContext {
  readonly namespaceOptions: NamespaceOptions
  readonly privileged: boolean
  /** Of a container only; the image's own user if not given. */
  readonly runAsUser?: { readonly value: number }
  readonly readonlyRootfs?: boolean
  readonly runAsGroup?: { readonly value: number }
  readonly supplementalGroups?: readonly number[]
  readonly noNewPrivs?: boolean
  readonly capabilities?: { readonly dropCapabilities: readonly string[] }
  readonly seccomp?: { readonly profileType: 'RuntimeDefault' }
}

export interface Mount {
  readonly containerPath: string
  readonly hostPath: string
  readonly readonly?: boolean
  readonly propagation?: 'PROPAGATION_HOST_TO_CONTAINER'
}

export interface NamespaceOptions {
  readonly network: 'POD' | 'NODE'
  readonly pid: 'CONTAINER' | 'NODE' | 'POD'
}

/** cri.proto, ContainerConfig. */
export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number }
  readonly image: { readonly image: string }
  readonly command: readonly string[]
  readonly envs: readonly { readonly key: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly logPath: string
  readonly linux: {
    readonly securityContext: SecurityContext
    readonly resources?: { readonly memoryLimitInBytes: number }
  }
}

export interface ContainerStatus {
  readonly id: string
  readonly state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN'
  readonly exitCode: number
  readonly imageRef: string
  readonly reason: string
  readonly message: string
  /** Of the container's first process, in the node's pid namespace; 0 when it has none. */
  readonly pid: number
}

/** What a command in a container came to. */
export interface Executed {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const DEADLINE_SECONDS = 30
const SCHEMA = protobuf.parse(readFileSync(path.join(import.meta.dirname, 'cri.proto'), 'utf8')).root

/** What a kubelet says to the container runtime, over its unix socket. Every call has a deadline. */
export class Cri implements Disposable {
  readonly #client: Client

  constructor(socket: string) {
    this.#client = new Client(`unix://${socket}`, credentials.createInsecure())
  }

  async version(): Promise<{ runtimeName: string; runtimeVersion: string }> {
    return await this.#call('RuntimeService', 'Version', {})
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<string> {
    const answer = await this.#call<{ podSandboxId: string }>('RuntimeService', 'RunPodSandbox', { config })
    return answer.podSandboxId
  }

  async createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
  ): Promise<string> {
    const request = { podSandboxId, config, sandboxConfig }
    const answer = await this.#call<{ containerId: string }>('RuntimeService', 'CreateContainer', request)
    return answer.containerId
  }

  async startContainer(containerId: string): Promise<void> {
    await this.#call('RuntimeService', 'StartContainer', { containerId })
  }

  /** SIGTERM, and SIGKILL after `timeoutSeconds`; resolves when it has ended. */
  async stopContainer(containerId: string, timeoutSeconds: number): Promise<void> {
    await this.#call('RuntimeService', 'StopContainer', { containerId, timeout: timeoutSeconds })
  }

  /**
   * SIGKILL, and away with it. The runtime refuses to remove what it has not seen end yet, and sees it
   * a little after its own stop has answered.
   */
  async removeContainer(containerId: string): Promise<void> {
    await this.#call('RuntimeService', 'StopContainer', { containerId, timeout: 0 })
    await eventually(`the removal of container ${containerId}`, 20, async () => {
      await this.#call('RuntimeService', 'RemoveContainer', { containerId })
      return true
    })
  }

  async containerStatus(containerId: string): Promise<ContainerStatus> {
    const request = { containerId, verbose: true }
    const answer = await this.#call<{ status: ContainerStatus; info: { info?: string } }>(
      'RuntimeService',
      'ContainerStatus',
      request,
    )
    const info = JSON.parse(answer.info.info ?? '{}') as { pid?: number }
    return { ...answer.status, pid: info.pid ?? 0 }
  }

  /** Runs a command in the container, as `kubectl exec` does. */
  async exec(containerId: string, cmd: readonly string[]): Promise<Executed> {
    const request = { containerId, cmd, timeout: DEADLINE_SECONDS }
    const answer = await this.#call<{ stdout: Buffer; stderr: Buffer; exitCode: number }>(
      'RuntimeService',
      'ExecSync',
      request,
    )
    return { ...answer, stdout: answer.stdout.toString(), stderr: answer.stderr.toString() }
  }

  /** The ids of all containers that the runtime knows, running or not. */
  async listContainers(): Promise<readonly string[]> {
    const answer = await this.#call<{ containers: { id: string }[] }>('RuntimeService', 'ListContainers', {})
    return answer.containers.map(({ id }) => id)
  }

  async listPodSandboxes(): Promise<readonly string[]> {
    const answer = await this.#call<{ items: { id: string }[] }>('RuntimeService', 'ListPodSandbox', {})
    return answer.items.map(({ id }) => id)
  }

  async stopPodSandbox(podSandboxId: string): Promise<void> {
    await this.#call('RuntimeService', 'StopPodSandbox', { podSandboxId })
  }

  async removePodSandbox(podSandboxId: string): Promise<void> {
    await this.#call('RuntimeService', 'RemovePodSandbox', { podSandboxId })
  }

  /** Id and names of an image, or `null` if the runtime does not have it. */
  async imageStatus(image: string): Promise<{ id: string; repoTags: readonly string[] } | null> {
    const answer = await this.#call<{ image?: { id: string; repoTags: string[] } }>(
      'ImageService',
      'ImageStatus',
      { image: { image } },
    )
    return answer.image ?? null
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }

  #call<Answer>(service: string, method: string, request: object): Promise<Answer> {
    const { requestType, responseType } = SCHEMA.lookupService(`runtime.v1.${service}`).methods[method]!
    const request_ = SCHEMA.lookupType(`runtime.v1.${requestType}`)
    const response = SCHEMA.lookupType(`runtime.v1.${responseType}`)
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/runtime.v1.${service}/${method}`,
        (message: object) => Buffer.from(request_.encode(request_.fromObject(message)).finish()),
        (bytes: Buffer) =>
          response.toObject(response.decode(bytes), { enums: String, defaults: true }) as Answer,
        request,
        { deadline: Date.now() + DEADLINE_SECONDS * 1000 },
        (cause, answer) =>
          answer === undefined
            ? reject(new Error(`Cannot call "${method}": ${cause?.details}`, { cause }))
            : resolve(answer),
      )
    })
  }
}
