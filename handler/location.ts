import type { Config } from '../config/config.ts'
import type { CoreLocation } from '../crash/core-location.ts'
import { ownerOf } from '../crash/identity.ts'
import { crashFolder } from '../crash/object-key.ts'
import { joined } from '../storage/key.ts'
import type { Sink } from '../storage/object-store.ts'
import { type Capture, pidOf } from './capture.ts'
import { coreKey } from './core/store-core.ts'

/** The folder of a crash, below `StoreDir`. */
export function folderOf(capture: Capture): string {
  const { id, time, args } = capture
  return crashFolder(ownerOf(capture.identity, capture.node.name), {
    id,
    time,
    comm: args.comm,
    pid: pidOf(capture),
  })
}

/** The key of a crash's core below `StoreDir`, if it is kept. */
export function coreKeyOf(capture: Capture, { compression }: Pick<Config, 'compression'>): string {
  return coreKey(folderOf(capture), compression)
}

/** Where the core of `crash` is, or will be if it is kept. */
export function locationOf(
  capture: Capture,
  config: Pick<Config, 'compression' | 'storage'>,
  sink: Pick<Sink, 'location'>,
): CoreLocation {
  const key = coreKeyOf(capture, config)
  return { key: joined(config.storage.storeDir, key), url: sink.location(key) }
}
