import type { ObjectStorageConfig } from '../../../config/config.ts'
import { PATIENCE, type S3Patience } from '../../../storage/s3/s3-connection.ts'
import { type HandoffAccess, S3Store } from '../../../storage/s3/s3-store.ts'
import type { FakeS3 } from '../../fakes/fake-s3.ts'

/** Patient enough for a busy machine, and quick where the store has answered. */
export const QUICK: S3Patience = { ...PATIENCE, retryMs: 1, partMs: 0, completePausesMs: [1, 1] }

type Server = Pick<FakeS3, 'endpoint' | 'region' | 'credentials'>

/** A store over bucket `cores` of `server`, below `corefiles`. */
export function s3StoreOf(
  { endpoint, region, credentials }: Server,
  overrides: Partial<ObjectStorageConfig> = {},
  patience: Partial<S3Patience> = {},
  access: HandoffAccess = {},
): S3Store {
  const config: ObjectStorageConfig = {
    protocol: 's3',
    bucket: 'cores',
    region,
    endpoint,
    credentials,
    storeDir: 'corefiles',
    presignedUrlExpireSeconds: 3600,
    ...overrides,
  }
  return new S3Store(config, { ...access, patience: { ...QUICK, ...patience } })
}
