/**
 * What we say and read of the Container Runtime Interface, version v1, as protobuf.js takes it: our
 * messages and our fields only, what a runtime sends beyond them is skipped. The numbers are those of
 * k8s.io/cri-api, pkg/apis/runtime/v1/api.proto.
 *
 * `verbose` is left out for good: the `info` that it asks for holds the container's environment.
 */
export const CRI_MESSAGES = {
  nested: {
    ListContainersRequest: { fields: { filter: { type: 'ContainerFilter', id: 1 } } },
    ContainerFilter: { fields: { id: { type: 'string', id: 1 } } },
    ListContainersResponse: { fields: { containers: { rule: 'repeated', type: 'Container', id: 1 } } },
    Container: {
      fields: {
        id: { type: 'string', id: 1 },
        podSandboxId: { type: 'string', id: 2 },
        metadata: { type: 'ContainerMetadata', id: 3 },
        image: { type: 'ImageSpec', id: 4 },
        imageRef: { type: 'string', id: 5 },
        annotations: { keyType: 'string', type: 'string', id: 9 },
      },
    },
    ContainerMetadata: {
      fields: { name: { type: 'string', id: 1 }, attempt: { type: 'uint32', id: 2 } },
    },
    ImageSpec: {
      fields: { image: { type: 'string', id: 1 }, userSpecifiedImage: { type: 'string', id: 18 } },
    },

    ContainerStatusRequest: { fields: { containerId: { type: 'string', id: 1 } } },
    ContainerStatusResponse: { fields: { status: { type: 'ContainerStatus', id: 1 } } },
    ContainerStatus: {
      fields: {
        image: { type: 'ImageSpec', id: 8 },
        imageRef: { type: 'string', id: 9 },
        mounts: { rule: 'repeated', type: 'Mount', id: 14 },
        logPath: { type: 'string', id: 15 },
        imageId: { type: 'string', id: 17 },
      },
    },
    Mount: { fields: { hostPath: { type: 'string', id: 2 } } },

    PodSandboxStatusRequest: { fields: { podSandboxId: { type: 'string', id: 1 } } },
    PodSandboxStatusResponse: { fields: { status: { type: 'PodSandboxStatus', id: 1 } } },
    PodSandboxStatus: {
      fields: {
        metadata: { type: 'PodSandboxMetadata', id: 2 },
        labels: { keyType: 'string', type: 'string', id: 7 },
        annotations: { keyType: 'string', type: 'string', id: 8 },
      },
    },
    PodSandboxMetadata: {
      fields: {
        name: { type: 'string', id: 1 },
        uid: { type: 'string', id: 2 },
        namespace: { type: 'string', id: 3 },
      },
    },
  },
}

// The same as types, in the form that a read message has: a message that was not sent is absent (or `null`),
// and everything else is there, at its zero value if need be.

export interface ListContainersResponse {
  readonly containers: readonly Container[]
}

export interface Container {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata?: { readonly name: string; readonly attempt: number } | null
  readonly image?: ImageSpec | null
  readonly imageRef: string
  readonly annotations: Readonly<Record<string, string>>
}

interface ImageSpec {
  readonly image: string
  readonly userSpecifiedImage: string
}

export interface ContainerStatusResponse {
  readonly status?: ContainerStatus | null
}

export interface ContainerStatus {
  readonly image?: ImageSpec | null
  readonly imageRef: string
  readonly logPath: string
  readonly mounts: readonly { readonly hostPath: string }[]
  readonly imageId: string
}

export interface PodSandboxStatusResponse {
  readonly status?: PodSandboxStatus | null
}

export interface PodSandboxStatus {
  readonly metadata?: { readonly name: string; readonly uid: string; readonly namespace: string } | null
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
