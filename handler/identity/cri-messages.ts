import type { Form } from './protobuf.ts'

// What we read of the Container Runtime Interface, version v1: our messages and our fields only, what a
// runtime sends beyond them is skipped. The numbers are those of k8s.io/cri-api, pkg/apis/runtime/v1/api.proto.
//
// `verbose` is left out for good: the `info` that it asks for holds the container's environment.

const IMAGE_SPEC: Form = {
  1: { name: 'image', holds: 'text' },
  18: { name: 'userSpecifiedImage', holds: 'text' },
}

const CONTAINER: Form = {
  1: { name: 'id', holds: 'text' },
  2: { name: 'podSandboxId', holds: 'text' },
  3: {
    name: 'metadata',
    holds: { 1: { name: 'name', holds: 'text' }, 2: { name: 'attempt', holds: 'number' } },
  },
  4: { name: 'image', holds: IMAGE_SPEC },
  5: { name: 'imageRef', holds: 'text' },
  9: { name: 'annotations', holds: 'texts' },
}

const CONTAINER_STATUS: Form = {
  8: { name: 'image', holds: IMAGE_SPEC },
  9: { name: 'imageRef', holds: 'text' },
  14: { name: 'mounts', holds: { 2: { name: 'hostPath', holds: 'text' } }, many: true },
  15: { name: 'logPath', holds: 'text' },
  17: { name: 'imageId', holds: 'text' },
}

const SANDBOX_METADATA: Form = {
  1: { name: 'name', holds: 'text' },
  2: { name: 'uid', holds: 'text' },
  3: { name: 'namespace', holds: 'text' },
}

const SANDBOX_STATUS: Form = {
  2: { name: 'metadata', holds: SANDBOX_METADATA },
  7: { name: 'labels', holds: 'texts' },
  8: { name: 'annotations', holds: 'texts' },
}

export const CONTAINER_LIST: Form = { 1: { name: 'containers', holds: CONTAINER, many: true } }
export const STATUS_OF_CONTAINER: Form = { 1: { name: 'status', holds: CONTAINER_STATUS } }
export const STATUS_OF_SANDBOX: Form = { 1: { name: 'status', holds: SANDBOX_STATUS } }

// The same as types, in the form that a read message has: a message that was not sent is absent, and everything else
// is there, at its zero value if need be.

export interface ListContainersResponse {
  readonly containers: readonly Container[]
}

export interface Container {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata?: { readonly name: string; readonly attempt: number }
  readonly image?: ImageSpec
  readonly imageRef: string
  readonly annotations: Readonly<Record<string, string>>
}

interface ImageSpec {
  readonly image: string
  readonly userSpecifiedImage: string
}

export interface ContainerStatusResponse {
  readonly status?: ContainerStatus
}

export interface ContainerStatus {
  readonly image?: ImageSpec
  readonly imageRef: string
  readonly logPath: string
  readonly mounts: readonly { readonly hostPath: string }[]
  readonly imageId: string
}

export interface PodSandboxStatusResponse {
  readonly status?: PodSandboxStatus
}

export interface PodSandboxStatus {
  readonly metadata?: { readonly name: string; readonly uid: string; readonly namespace: string }
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
