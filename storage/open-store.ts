import type { StorageConfig } from '../config/config.ts'
import { FileStore } from './file/file-store.ts'
import type { ObjectStore } from './object-store.ts'
import { type HandedAccess, S3Store } from './s3/s3-store.ts'

/** The store that the configuration names. Touches nothing yet: what is wrong shows at its first use. */
export function openStore(config: StorageConfig, access: HandedAccess = {}): ObjectStore {
  return config.protocol === 'cfs' ? new FileStore(config) : new S3Store(config, access)
}
