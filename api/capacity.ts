import { Unsent } from './coredumps/unsent.ts'
import { Gate } from './gate.ts'
import { UserSlots } from './user-slots.ts'

/** What there is of the server for all that goes on at once, whichever configuration it began with. */
export interface Capacity {
  /** Each of up to 500 objects; others wait. */
  readonly lists: Gate
  /** Counts of groups, each of up to 64 small objects: the store has fifty connections, also for cores. */
  readonly groups: Gate
  readonly watches: UserSlots
  /** Watches while they are told what there is already: each has the names of a page. */
  readonly beginnings: UserSlots
  readonly downloads: UserSlots
  readonly unsent: Unsent
}

// A stalled download holds a connection to the store, of which the client of S3 has fifty.
const MOST_DOWNLOADS = 32

/** `downloads`: how many at once; one more is told to come again. */
export function capacity({ downloads = MOST_DOWNLOADS }: { readonly downloads?: number } = {}): Capacity {
  return {
    lists: new Gate({ places: 4, mostOfOne: 2, mostWaiting: 2000 }),
    groups: new Gate({ places: 4, mostOfOne: 2, mostWaiting: 2000 }),
    watches: new UserSlots(1000, 'watches'),
    beginnings: new UserSlots(32, 'watches that begin with all crashes'),
    downloads: new UserSlots(downloads, 'downloads'),
    unsent: new Unsent(),
  }
}
