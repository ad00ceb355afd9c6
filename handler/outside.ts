import type { Logger } from 'pino'
import type { Identity } from '../crash/identity.ts'
import type { Use } from '../crash/quota.ts'
import type { Notifier } from '../notify/notification.ts'
import type { BinaryStore, Sink } from '../storage/object-store.ts'
import type { Beginnings } from './beginning.ts'
import type { Capture } from './capture.ts'
import type { ClusterGroups } from './cluster-groups.ts'
import type { ContainerLog } from './container-log/container-log.ts'
import type { Allowance } from './core/allowance.ts'
import type { PoolPriority } from './core/pool-priority.ts'
import type { Deduplication } from './deduplicate/deduplication.ts'
import type { Places } from './deduplicate/places.ts'
import type { Forward } from './forward.ts'
import type { Runtime } from './identity/identify.ts'
import type { Proc } from './identity/proc.ts'
import type { ThisNode } from './identity/this-node.ts'
import type { Sending } from './queue/node-semaphores.ts'
import type { Slot } from './queue/semaphore.ts'
import type { Recurrences } from './recurrences.ts'
import type { Draft, Holding, Spooling } from './spooling.ts'
import type { SymbolSources } from './symbols/symbol-sources.ts'
import type { Explainer } from './why/explainer.ts'

/** Everything outside this process that a crash meets on its way. */
export interface Outside {
  readonly proc: Proc
  readonly runtime: Runtime
  readonly forward: Forward
  readonly beginnings: Beginnings
  /** Resolves when this crash has a slot to be looked at. */
  readonly waitToInspect: (identity: Identity) => Promise<Slot>
  /** Resolves when this crash may be streamed; with `false` where its process is let go before, and it has no slot. */
  readonly waitToStream: (identity: Identity | null, letGo: Promise<void>) => Promise<boolean>
  /** Resolves when what is left of it, whose process is not held any more, has a slot to be sent. */
  readonly waitToSend: (identity: Identity | null, what: Sending) => Promise<void>
  /**
   * Called when the process is held no more: its slot is another's, and what is left to do yields to the
   * node's own work.
   */
  readonly stepAside: () => Promise<void>
  /** How much of a core may lie in memory, of all that the handlers of the node may hold. */
  readonly readAhead: () => Allowance
  readonly poolPriority: PoolPriority
  /** Begins to find out why a process crashed. To be ended. */
  readonly explain: () => Explainer
  /** Begins to open the log of a container, of which its runtime says that it is there. */
  readonly openLog: (path: string) => ContainerLog
  /** Names for code that has none of its own. */
  readonly symbols: Pick<SymbolSources, 'named'>
  readonly deduplication: Deduplication
  /** `null`: nodes do not ask each other which core is kept. */
  readonly places: () => Places | null
  /** How much of its quota the namespace of a crash has used; `null`: it has none, or that is not known. Never rejects. */
  readonly quota: (capture: Capture) => Promise<Use | null> | null
  readonly recurrences: Recurrences
  readonly groups: ClusterGroups
  /** The values of the Secrets that a pod has mounted, from the folder of its kubelet. Never rejects. */
  readonly mountedSecrets: (podUid: string, kubeletFolder?: string) => Promise<readonly Buffer[]>
  readonly sink: Sink
  readonly binaries: BinaryStore
  /** Where a crash goes that the store does not take. Never rejects. */
  readonly spool: (draft: Draft, holding: Holding) => Promise<Spooling>
  readonly notifier: Notifier
  readonly node: ThisNode
  readonly now: () => Date
  readonly log: Logger
}
