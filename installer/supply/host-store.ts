import type { Config } from '../../config/config.ts'
import type { Host } from '../../handoff/host.ts'
import { Network } from '../../network/network.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore, storageBelow } from '../../storage/open-store.ts'

/**
 * The store, as a pod reaches it: names are our own pod's to look up, and a mounted file system is where the
 * node has it.
 */
export function openHostStore(
  host: Host,
  { storage, network }: Pick<Config, 'storage' | 'network'>,
): ObjectStore {
  return openStore(storageBelow(host.root, storage), { network: new Network(network, host.root) })
}
