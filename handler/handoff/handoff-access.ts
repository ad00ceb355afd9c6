import { handoffLookup } from '../../network/handoff-lookup.ts'
import type { Network } from '../../network/network.ts'
import type { HandoffAccess } from '../../storage/s3/s3-store.ts'
import type { Handoff } from './handoff.ts'

/**
 * How the store and the chats are reached with what the installer handed over. Nothing is read before it is
 * needed.
 */
export function handoffAccess(handoff: Handoff, network: Network): Required<HandoffAccess> {
  return {
    network,
    lookup: handoffLookup(async () => handoff.addresses() ?? {}),
    credentials: async () => handoff.credentials(),
  }
}
