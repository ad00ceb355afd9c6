import { messageOf } from '../../crash/errors.ts'
import {
  CONTAINER_LIST,
  type ContainerStatusResponse,
  type ListContainersResponse,
  type PodSandboxStatusResponse,
  STATUS_OF_CONTAINER,
  STATUS_OF_SANDBOX,
} from './cri-messages.ts'
import { GrpcService } from './grpc-service.ts'
import { decodeMessage, encodeField, type Form } from './protobuf.ts'

/**
 * The questions that a container runtime answers; `null`: it says that there is no such thing. Loaded for the crash
 * of a container only.
 */
export class CriClient {
  readonly #service: GrpcService

  /** Connects; what goes wrong with it, the first question says. */
  constructor(socket: string) {
    this.#service = new GrpcService(socket)
  }

  listContainers(containerId: string): Promise<ListContainersResponse | null> {
    const filter = encodeField(1, encodeField(1, containerId))
    return this.#ask('ListContainers', filter, CONTAINER_LIST)
  }

  containerStatus(containerId: string): Promise<ContainerStatusResponse | null> {
    return this.#ask('ContainerStatus', encodeField(1, containerId), STATUS_OF_CONTAINER)
  }

  podSandboxStatus(podSandboxId: string): Promise<PodSandboxStatusResponse | null> {
    return this.#ask('PodSandboxStatus', encodeField(1, podSandboxId), STATUS_OF_SANDBOX)
  }

  end(): void {
    this.#service.end()
  }

  async #ask<Response>(method: string, request: Buffer, form: Form): Promise<Response | null> {
    const answer = await this.#service.ask(`/runtime.v1.RuntimeService/${method}`, request)
    // The types of cri-messages.ts stand beside their forms, and say what is made of them.
    return answer && (readAnswer(answer, form) as Response)
  }
}

function readAnswer(answer: Buffer, form: Form): object {
  try {
    return decodeMessage(answer, form)
  } catch (cause) {
    throw new Error(`its answer cannot be read: ${messageOf(cause)}`, { cause })
  }
}
