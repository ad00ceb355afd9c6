import type { Capacity } from '../capacity.ts'
import type { Gate } from '../gate.ts'
import type { ApiOutside } from '../outside.ts'
import type { UserSlots } from '../user-slots.ts'
import { Downloads } from './downloads.ts'
import { SpentBuffers } from './spent-buffers.ts'

/** How long streams may take, and where else symbols are. */
export interface StreamLimits {
  /** A client that takes nothing for so long is let go. */
  readonly idleSeconds: number
  /** For all that is read of a group of crashes. */
  readonly groupSeconds: number
  /** Folders of the store with names for stripped programs: those of `symbols` in the configuration. */
  readonly symbolFolders: readonly string[]
}

export const STREAM_LIMITS: StreamLimits = { idleSeconds: 120, groupSeconds: 10, symbolFolders: [] }

/** What all downloads of the server share. */
export interface Streaming extends ApiOutside {
  readonly slots: UserSlots
  readonly groups: Pick<Gate, 'through'>
  readonly downloads: Downloads
  readonly spent: SpentBuffers
  readonly limits: StreamLimits
}

export function streamingOf(
  outside: ApiOutside,
  { downloads: slots, groups }: Pick<Capacity, 'downloads' | 'groups'>,
  given: Partial<StreamLimits> = {},
): Streaming {
  const limits = { ...STREAM_LIMITS, ...given }
  const spent = new SpentBuffers()
  return {
    ...outside,
    limits,
    slots,
    groups,
    spent,
    downloads: new Downloads(outside.store, outside.log, { ...limits, spent }),
  }
}
