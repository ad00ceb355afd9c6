import type { Endpoint } from './endpoint.ts'
import type { Findings } from './findings.ts'
import { type ProviderName, regionIn } from './provider.ts'
import { show } from './show.ts'
import type { StorageSettings } from './storage-settings.ts'

const KEY = 'StorageConfig.s3Region'

/** What MinIO, Ceph and most others sign with unless they are configured otherwise. */
const ANYWHERE = 'us-east-1'

/** The region to sign requests for: as written, else that of the endpoint. */
export function region(
  settings: StorageSettings,
  endpoint: Endpoint | null,
  provider: ProviderName | null,
  findings: Findings,
): string {
  const { s3Region } = settings
  const found = endpoint === null ? '' : regionIn(endpoint.hostname)
  if (s3Region === '') {
    if (found === '' && isNeeded(settings, endpoint, provider)) refuseNone(provider, findings)
    return found || ANYWHERE
  }
  // It becomes a part of host names.
  if (!/^[A-Za-z0-9-]+$/.test(s3Region)) {
    const state = `is ${show(s3Region)}; allowed: a region such as eu-central-1`
    findings.wrong(KEY, state, 'Write the id of the region, not its name.')
  } else if (found !== '' && s3Region.replace(/^oss-/, '') !== found) {
    findings.warn(KEY, `is ${show(s3Region)}, but S3Endpoint is in ${show(found)}`)
  }
  return s3Region
}

/** Without a bucket, and with an endpoint that is none, something else has to be corrected first. */
function isNeeded(
  { S3Endpoint, S3Bucket }: StorageSettings,
  endpoint: Endpoint | null,
  provider: ProviderName | null,
): boolean {
  if (S3Bucket === '') return false
  return endpoint === null ? S3Endpoint === '' : provider === 'AWS'
}

function refuseNone(provider: ProviderName | null, findings: Findings): void {
  if (provider === 'AWS') {
    findings.wrong(
      KEY,
      'is not set, and AWS needs it',
      'Set StorageConfig.s3Region to the region of the bucket, such as eu-central-1, or S3Endpoint if the store is not AWS.',
    )
  } else {
    findings.wrong(
      KEY,
      'is not set, and neither is S3Endpoint',
      'Set StorageConfig.s3Region to the region of the bucket, such as ap-nanjing or cn-hangzhou.',
    )
  }
}
