export const COREDUMP_GROUP = 'coredog.io'
export const COREDUMP_VERSION = 'v1alpha1'
export const COREDUMP_API = `${COREDUMP_GROUP}/${COREDUMP_VERSION}`

/**
 * A stored crash as an object of the Kubernetes API, made of the name of its index object and of its report. What the
 * report says is somebody's word: the node's that wrote it, or of whoever may write to the bucket. Namespace, name,
 * time, pod and container are the key's.
 */
export interface Coredump {
  readonly apiVersion: typeof COREDUMP_API
  readonly kind: 'Coredump'
  readonly metadata: CoredumpMeta
  readonly spec: CoredumpSpec
  readonly status: CoredumpStatus
}

interface CoredumpMeta {
  readonly name: string
  /** `_host` and `_unverified`, which are no namespaces, are only read from the store itself. */
  readonly namespace: string
  /** Made of the id, and always the same. */
  readonly uid: string
  /** When it crashed, RFC 3339 to the second. */
  readonly creationTimestamp: string
  readonly resourceVersion?: string
  /** Pod, its UID, container, signal, as the name says them: so that lists can be selected without reports. */
  readonly labels: Readonly<Record<string, string>>
}

/** What crashed. */
export interface CoredumpSpec {
  /** The crash's own, of twelve digits. */
  readonly id: string
  readonly pod: { readonly name: string; readonly uid?: string }
  readonly container?: string
  readonly node?: string
  readonly workload?: { readonly kind: string; readonly name: string }
  readonly image?: string
  readonly imageId?: string
  readonly comm: string
  readonly executable?: string
  readonly signal?: { readonly number: number; readonly name: string }
}

/** `Suppressed`: counted, and no core was kept, because one like it was. */
export type CoredumpPhase = 'Stored' | 'Incomplete' | 'Suppressed' | 'Lost'

/** What there is of it. */
export interface CoredumpStatus {
  /** Absent: the report could not be read. */
  readonly phase?: CoredumpPhase
  /** Why it crashed, in one sentence. */
  readonly reason?: string
  /** `NullPointer` and the like: the report's `reasonCode`. */
  readonly reasonCode?: string
  readonly incompleteReason?: string
  /** What it has of the memory, because no more was wanted: `stacks`, `private`; absent: all. */
  readonly dump?: 'private' | 'stacks'
  readonly group?: string
  /** How often crashes of its group were seen on its node, this one included. */
  readonly seenCount?: number
  readonly sizeBytes?: number
  /** 0: there is no core. */
  readonly storedBytes: number
  readonly compression?: 'gzip' | 'zstd' | 'none'
  /** Of the stored object. */
  readonly sha256?: string
}
