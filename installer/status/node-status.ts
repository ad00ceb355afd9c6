import type { FillingPod } from '../../handoff/filling-pods.ts'
import type { Refusal } from '../../handoff/run-folder.ts'
import type { RecentGroup } from '../groups/recent-groups.ts'
import type { CaptureMode } from '../node/capture-mode.ts'
import type { InstalledHandler } from '../node/handler-binary.ts'
import type { lostHostCoreFiles } from '../node/host-core-files.ts'
import type { NodeState } from '../node/node-state.ts'
import type { DedupeScope } from '../supply/dedupe-scope.ts'
import type { LoggedCrash } from '../telemetry/handler-log-entry.ts'
import type { Problem } from './problem.ts'
import type { Check } from './self-test-report.ts'

/** A folder of the node's disk in which something waits. */
export interface Waiting {
  readonly name: string
  readonly files: number
  readonly bytes: number
  /** The most that it may hold; absent: it has a bound of another kind. */
  readonly limitBytes?: number
}

/** How CoreDog is on one node. */
export interface Status {
  /** What is wrong, worst first; none: a crash now would be collected. */
  readonly problems: readonly Problem[]
  /** How the configuration wants cores to leave the node. */
  readonly way: CaptureMode
  /** The handler that the kernel would start, or else the first that is on the node. */
  readonly handler: (InstalledHandler & { readonly version: string | null }) | null
  readonly corePattern: string
  /** `CoreDog`, or another program, as far as can be told. */
  readonly owner: string
  readonly corePipeLimit: number
  readonly original: NodeState['original']
  readonly staticHelper: string | null
  /** Whether the node is a container, on a machine with others. */
  readonly inContainer: boolean
  readonly heartbeat: { readonly ageSeconds: number; readonly uninstallAfterSeconds: number } | null
  readonly lastCrash: Omit<LoggedCrash, 'report'> | null
  /** What waits on the node's disk; only folders that are there. */
  readonly waiting: readonly Waiting[]
  /** Of the fallback: whose core files have little room left on the node's disk, or none, the fullest first. */
  readonly fillingPods: readonly FillingPod[]
  /** Configuration, storage and channels, as the handler itself tries them on the node. */
  readonly checks: readonly Check[]
  /** Why the newest configuration is not in force; `null`: it is, as far as is known. */
  readonly refusal: Refusal | null
  /** Where crashes are compared. */
  readonly dedupe: DedupeScope
  /** The kinds of crashes that came within a day, the last one first: the latest ten. */
  readonly groups: readonly RecentGroup[]
  /** `null`: the node's own processes lose none. */
  readonly lostHostCoreFiles: ReturnType<typeof lostHostCoreFiles>
}
