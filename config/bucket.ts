import type { Findings } from './findings.ts'
import type { ProviderName } from './provider.ts'
import { show } from './show.ts'
import type { StorageSettings } from './storage-settings.ts'

const KEY = 'StorageConfig.S3Bucket'

// Upper case and `_`: buckets of AWS from before 2018, and of some other stores.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/

/** `S3Bucket`. Without it there is no place for cores, which is wrong. */
export function bucketName({ S3Bucket, CFSMountPath }: StorageSettings, findings: Findings): string {
  if (S3Bucket === '') {
    const hint =
      CFSMountPath === ''
        ? 'Set StorageConfig.S3Bucket for object storage, or StorageConfig.protocol to cfs and CFSMountPath for a mounted directory.'
        : 'Set StorageConfig.protocol to cfs to store under CFSMountPath, or set StorageConfig.S3Bucket.'
    findings.wrong(KEY, 'is not set, and neither is another place for cores', hint)
  } else if (!NAME.test(S3Bucket)) {
    findings.wrong(
      KEY,
      `is ${show(S3Bucket)}; allowed: the name of a bucket`,
      'Write the name only; a folder in the bucket is StorageConfig.StoreDir, a host is StorageConfig.S3Endpoint.',
    )
  }
  return S3Bucket
}

/** COS knows a bucket by its name and its owner's number; people copy the name. */
export function warnOfMissingAppId(bucket: string, provider: ProviderName | null, findings: Findings): void {
  if (provider !== 'COS' || bucket === '' || /-\d{6,}$/.test(bucket)) return
  findings.warn(KEY, 'has no APPID at its end: buckets of COS are called name-1250000000')
}
