import type { ApiOutside } from '../outside.ts'
import { UserSlots } from '../user-slots.ts'
import { Downloads } from './downloads.ts'

/** How much of the server streams may take, and where else symbols are. */
export interface StreamLimits {
  /** Downloads at once; one more is told to come again. */
  readonly mostStreams: number
  /** A client that takes nothing for so long is let go. */
  readonly idleSeconds: number
  /** Folders of the store with names for stripped programs: those of `symbols` in the configuration. */
  readonly symbolFolders: readonly string[]
}

// A stalled stream holds a connection to the store, of which the client of S3 has fifty.
export const STREAM_LIMITS: StreamLimits = { mostStreams: 32, idleSeconds: 120, symbolFolders: [] }

/** What all downloads of the server share. */
export interface Streaming extends ApiOutside {
  readonly slots: UserSlots
  readonly downloads: Downloads
  readonly limits: StreamLimits
}

export function streamingOf(outside: ApiOutside, given: Partial<StreamLimits> = {}): Streaming {
  const limits = { ...STREAM_LIMITS, ...given }
  return {
    ...outside,
    limits,
    slots: new UserSlots(limits.mostStreams, 'downloads'),
    downloads: new Downloads(outside.store, outside.log, limits),
  }
}
