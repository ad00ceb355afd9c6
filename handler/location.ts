import type { Config } from '../config/config.ts'
import type { CoreLocation } from '../crash/core-location.ts'
import { ownerOf } from '../crash/identity.ts'
import { crashFolder } from '../crash/object-key.ts'
import { joined } from '../storage/key.ts'
import type { Sink } from '../storage/object-store.ts'
import { coreKey } from './core/store-core.ts'
import { type Crash, pidOf } from './describe.ts'

/** The folder of a crash, below `StoreDir`. */
export function folderOf(crash: Crash): string {
  const { id, time, args } = crash
  return crashFolder(ownerOf(crash.identity, crash.node.name), {
    id,
    time,
    comm: args.comm,
    pid: pidOf(crash),
  })
}

/** Where the core of `crash` is, or will be if it is kept. */
export function locationOf(
  crash: Crash,
  { compression, storage }: Pick<Config, 'compression' | 'storage'>,
  sink: Pick<Sink, 'location'>,
): CoreLocation {
  const key = coreKey(folderOf(crash), compression)
  return { key: joined(storage.storeDir, key), url: sink.location(key) }
}
