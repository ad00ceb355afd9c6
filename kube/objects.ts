/** What we read of Kubernetes' objects. Any field may be absent: an API server may be newer than we are. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMeta
}

interface ObjectMeta {
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  /** Whether it is the one that made the object and looks after it. */
  readonly controller?: boolean
}

export interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string }
  readonly status?: {
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface DaemonSet extends KubeObject {
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly nodeSelector?: Readonly<Record<string, string>> } }
  }
}

export interface ContainerStatus {
  readonly name?: string
  /** `containerd://<64 hexadecimal digits>` */
  readonly containerID?: string
  readonly image?: string
  readonly imageID?: string
  readonly restartCount?: number
  /** The container before this one: it is what crashed, if it was restarted since. */
  readonly lastState?: { readonly terminated?: TerminatedState }
  readonly state?: {
    readonly running?: { readonly startedAt?: string }
    readonly terminated?: TerminatedState
  }
}

export interface TerminatedState {
  readonly containerID?: string
  /** RFC 3339, to the second. */
  readonly startedAt?: string
  readonly finishedAt?: string
}

export interface ObjectList<T> {
  readonly items: readonly T[]
  /** Where a watch goes on. */
  readonly resourceVersion: string
}
