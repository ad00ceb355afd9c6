import path from 'node:path'
import type { StorageConfig } from '../config/config.ts'
import { FileStore } from './file/file-store.ts'
import type { ObjectStore } from './object-store.ts'
import { type HandoffAccess, S3Store } from './s3/s3-store.ts'
import type { StoreTraits } from './store-traits.ts'

/** The store that the configuration names. Touches nothing yet: what is wrong shows at its first use. */
export function openStore(config: StorageConfig, access: HandoffAccess = {}): ObjectStore {
  return config.protocol === 'cfs' ? new FileStore(config) : new S3Store(config, access)
}

/** A directory of this machine as one, which is there. */
export function storeIn(directory: string): ObjectStore {
  return openStore({ protocol: 'cfs', mountPath: directory, storeDir: '' })
}

/** What the store that the configuration names can do and needs. */
export function traitsOf(config: StorageConfig): StoreTraits {
  return openStore(config).traits
}

/**
 * The same store for a program that sees the node's root file system at `root`, as the installer does, and
 * never above it.
 */
export function storageBelow(root: string, config: StorageConfig): StorageConfig {
  if (config.protocol !== 'cfs') return config
  return { ...config, mountPath: path.join(root, path.posix.normalize(`/${config.mountPath}`)) }
}
