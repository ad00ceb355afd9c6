import type { VIEW_VERSION } from './node-view.ts'

/**
 * What an installer tells of one pod of its node, as `/pods/<uid>`: whether a crash of it would be collected, as
 * seen from there. Who knows a pod's uid may read the pod, or is in it.
 */
export interface PodView {
  readonly version: typeof VIEW_VERSION
  readonly node: string
  readonly uid: string
  readonly capture: 'pipe' | 'file'
  /** A crash on this node now would be collected. */
  readonly ready: boolean
  /** fs.suid_dumpable: what becomes of programs that change their user; `null`: unknown. */
  readonly suidDumpable: number | null
  readonly containers: readonly ContainerView[]
}

export interface ContainerView {
  readonly name: string
  /** Whether its crashes are wanted, by the configuration and the pod's annotations. */
  readonly policy: PolicyView
  readonly running: boolean
  /** Of its processes; more than these are counted only. */
  readonly processes: readonly ProcessView[]
  /** That this kernel runs. None, although the container runs: it has a kernel of its own. */
  readonly processCount: number
}

export type PolicyView =
  | { readonly do: 'collect' | 'forward' }
  | { readonly do: 'skip'; readonly reason: string }

export interface ProcessView {
  /** In its own container. */
  readonly pid: number
  /** Soft RLIMIT_CORE in bytes; `null`: unlimited. */
  readonly coreLimitBytes: number | null
  /** Whether the kernel makes a core of it (PR_SET_DUMPABLE); `null`: of root's that cannot be seen. */
  readonly dumpable: boolean | null
  /** Hexadecimal, as core(5) has it. */
  readonly coreDumpFilter: string | null
  /** Signals that end in a core, which the process ignores. */
  readonly ignores: readonly string[]
  /** The same, which it has handlers of its own for. */
  readonly handles: readonly string[]
}
