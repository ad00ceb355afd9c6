import type { CoreLocation } from '../../crash/core-location.ts'
import type { ClusterGroup } from '../../crash/group-key.ts'

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

/** Why the cluster keeps no core of a crash. */
export interface KeptByOthers {
  readonly group: ClusterGroup
  readonly until: Date
  /** Key of the place of the last one that is kept. */
  readonly place: string
}

/** `place`: its key. Where no answer came it may be the crash's; `null`: nothing was asked for. */
export type Taken =
  | { readonly outcome: 'won'; readonly place: string }
  /**
   * `later`: what comes still, after the process could wait no longer; absent: nothing does. It never rejects, and is
   * there some seconds later at the most: who has lost a core waits for it.
   */
  | { readonly outcome: 'unanswered'; readonly place: string | null; readonly later?: Promise<Taken> }
  | Full

export interface Full extends Omit<KeptByOthers, 'group'> {
  readonly outcome: 'full'
  /** The last one that is kept; absent: the node does not know. */
  readonly core?: CoreLocation
}

/** The places of a cluster for cores that are kept. Nothing here rejects: who gets no answer keeps its core. */
export interface Places {
  take(group: ClusterGroup, claim: Claim): Promise<Taken>
  /**
   * No whole core of the crash `id` is kept after all. Of one of which nothing is, its node asks for the place again:
   * one that was cut is likely to be cut there again, and another node may do better. Not to be called while a process
   * is held.
   */
  giveBack(place: string, id: string, kept: 'a part' | 'nothing'): Promise<void>
  /** The core that has `place`; `null`: it is not known. Not to be called while a process is held. */
  coreAt(group: ClusterGroup, place: string): Promise<CoreLocation | null>
}
