import type { CoreLocation } from '../../crash/core-location.ts'
import type { ClusterGroup } from '../../crash/group-key.ts'
import type { KeptByOthers } from './deduplication.ts'

/** A crash that asks for a place. */
export interface Claim {
  readonly id: string
  readonly node: string
  readonly time: Date
  /** Key of its core, below `StoreDir`. */
  readonly core: string
  /** Whether its process is held meanwhile. */
  readonly isHeld: () => boolean
}

/** `place`: its key. Where no answer came it may be the crash's; `null`: nothing was asked for. */
export type Taken =
  | { readonly outcome: 'won'; readonly place: string }
  | { readonly outcome: 'unanswered'; readonly place: string | null }
  /** `core`: the last one that is kept; absent: the node does not know. */
  | ({ readonly outcome: 'full'; readonly core?: CoreLocation } & Omit<KeptByOthers, 'group'>)

/** The places of a cluster for cores that are kept. Nothing here rejects: who gets no answer keeps its core. */
export interface Places {
  take(group: ClusterGroup, claim: Claim): Promise<Taken>
  /** No core of the crash `id` is kept after all. Not to be called while a process is held. */
  giveBack(place: string, id: string): Promise<void>
  /** The core that has `place`; `null`: it is not known. Not to be called while a process is held. */
  coreAt(group: ClusterGroup, place: string): Promise<CoreLocation | null>
}
