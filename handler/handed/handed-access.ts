import { handedLookup } from '../../network/handed-lookup.ts'
import type { Network } from '../../network/network.ts'
import type { HandedAccess } from '../../storage/s3/s3-store.ts'
import type { HandedOver } from './handed-over.ts'

/** How the store and the chats are reached with what the installer handed over. Nothing is read before it is needed. */
export function handedAccess(handed: HandedOver, network: Network): Required<HandedAccess> {
  return {
    network,
    lookup: handedLookup(async () => handed.addresses() ?? {}),
    credentials: async () => handed.credentials(),
  }
}
