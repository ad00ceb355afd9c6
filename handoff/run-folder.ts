import type { PodRecord } from '../crash/identity.ts'
import { FORMAT_VERSION } from './format-version.ts'

/**
 * What the installer leaves in `/run/coredog` for the handler while it runs: what a program of the node
 * cannot find out by itself. Each file is written anew and renamed, 0600; the handler works without any, and
 * so it does with one of a version that it does not know. `pods.json` is a list, of which each pod has its
 * version; a host that is called `version` takes the place of it in `addresses.json`.
 */
export const RUN_FILES = {
  heartbeat: 'heartbeat.json',
  node: 'node.json',
  pods: 'pods.json',
  addresses: 'addresses.json',
  credentials: 'credentials.json',
  cgroup: 'cgroup.json',
  refusal: 'refusal.json',
  fillingPods: 'filling-pods.json',
  containerNode: 'container-node.json',
  conditionalWrites: 'conditional-writes.json',
} as const

/** As one of these files holds it. Handlers of before there was a version pass over it. */
export function encodeHandoff(record: object): string {
  return `${JSON.stringify({ version: FORMAT_VERSION, ...record })}\n`
}

/**
 * That an installer is there. Without one for `uninstallAfterSeconds`, the handler leaves the node by itself.
 */
export interface Heartbeat {
  /** RFC 3339, UTC. */
  readonly time: string
  readonly uninstallAfterSeconds: number
}

/** Why the newest configuration is not in force, for `status`; the file is there as long as that is so. */
export interface Refusal {
  readonly reason: string
  readonly hint: string
}

/** Whether of all who store under one key exactly one wins, as the installer found by trying. */
export interface HandoffConditionalWrites {
  /** Of which store it is said: where its groups are. */
  readonly store: string
  readonly works: boolean
  /** Why not, in words for a person. */
  readonly reason?: string
  /** RFC 3339, UTC. */
  readonly triedAt: string
}

/** The node as Kubernetes knows it. */
export interface HandoffNode {
  readonly name: string
  readonly ip?: string
  /** What the cluster is called where the configuration does not say it. */
  readonly cluster?: string
  /** coredog-api serves the crashes of this cluster: `kubectl coredog` works. */
  readonly hasApi?: true
}

/**
 * Of a node that is a container, for the handler of its machine: where the node's own one is. It is in the usual run
 * folder, wherever the configuration has the others: who reads it does not know that.
 */
export interface HandoffContainerNode {
  readonly handler: string
}

/** A pod of this node as the API server knows it; of its annotations those that begin with `coredog.io/`. */
export interface HandoffPod extends PodRecord {
  readonly containers: readonly HandoffContainer[]
}

export interface HandoffContainer {
  readonly name: string
  /** 64 hexadecimal digits, without the runtime's name before them. */
  readonly id: string
  readonly image?: string
  readonly imageId?: string
  readonly restartCount?: number
  /** RFC 3339, to the second. */
  readonly startedAt?: string
  /** The same; absent: it runs, as far as is known. */
  readonly finishedAt?: string
}

/** The cgroup that the handler moves itself into: the `cgroup.procs` of each hierarchy, on the host. */
export interface HandoffCgroup {
  readonly procsFiles: readonly string[]
  /** Absent: an older installer's, which keeps its share of the CPUs as it is. */
  readonly weights?: readonly CgroupWeight[]
}

/** What a handler writes into the file of a cgroup that says its share of the CPUs. */
export interface CgroupWeight {
  readonly file: string
  /** While any process is held. */
  readonly held: string
  readonly afterwards: string
}
