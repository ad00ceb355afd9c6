/**
 * What an installer tells of its node, as `/status.json`. Anybody in the network of the pods can ask for it, so
 * nothing of a tenant is in it but what the metrics say already: no pod, no command line, no path of theirs.
 */
export interface NodeView {
  readonly version: typeof VIEW_VERSION
  readonly node: string
  /** Version of the installer. */
  readonly coredog: string
  /** A crash now would be collected. */
  readonly ready: boolean
  /** How the configuration wants cores to leave the node. */
  readonly capture: 'pipe' | 'file'
  /** `null`: the node was not looked at yet. */
  readonly pattern: PatternView | null
  /** Version of the handler on the node, as it says itself; `null`: none that runs, or not tried yet. */
  readonly handler: string | null
  /** Causes before what follows from them. */
  readonly problems: readonly ProblemView[]
  /** What waits on the node's disk; only folders that are there. */
  readonly waiting: readonly WaitingView[]
  readonly lastCrash: LastCrashView | null
  /** Absent: its installer is of a release that does not say. */
  readonly dedupe?: DedupeView
  readonly trial: TrialView
}

export const VIEW_VERSION = 1

export interface PatternView {
  readonly ours: boolean
  /** Whose it is: `CoreDog`, or another program, as far as can be told. */
  readonly owner: string
  readonly pipeLimit: number
  /** Whose it was before CoreDog; `null`: it is not known. */
  readonly before: string | null
}

export interface ProblemView {
  readonly what: string
  /** What to do. */
  readonly hint: string
}

export interface WaitingView {
  readonly name: string
  readonly files: number
  readonly bytes: number
}

export interface LastCrashView {
  /** RFC 3339, UTC. */
  readonly time?: string
  readonly outcome: string
  readonly signal?: number
}

/** With the crashes of which nodes those of this one are compared. */
export interface DedupeView {
  /** `off`: with none. */
  readonly scope: 'cluster' | 'node' | 'off'
  /** Why with its own alone. */
  readonly why?: string
}

/** Configuration, store and channels, as the handler tried them when it was last had try them. */
export interface TrialView {
  /** `null`: never yet. */
  readonly ageSeconds: number | null
  /** One is under way: ask again. */
  readonly running: boolean
  readonly checks: readonly CheckView[]
}

export interface CheckView {
  readonly name: string
  readonly ok: boolean
  /** It is ok, and yet an operator should look at it. */
  readonly warning?: true
}
