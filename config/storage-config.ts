import { bucketName, warnOfMissingAppId } from './bucket.ts'
import type { EncryptionConfig, FileStorageConfig, ObjectStorageConfig, StorageConfig } from './config.ts'
import { credentials } from './credentials.ts'
import { ENDPOINT_FORM, type Endpoint, parseEndpoint } from './endpoint.ts'
import type { Findings } from './findings.ts'
import { isReadOnItsWay } from './plain-http.ts'
import { ownEndpoint, ownerOf, providerOf } from './provider.ts'
import { region } from './region.ts'
import { show } from './show.ts'
import type { StorageSettings } from './storage-settings.ts'

/** What `StorageConfig` means. */
export function storageConfig(settings: StorageSettings, findings: Findings): StorageConfig {
  if (!settings.enabled) {
    findings.warn(
      'StorageConfig.enabled',
      'is false, which has no effect: crashes are stored all the same, as ever',
    )
  }
  const { protocol } = settings
  return protocol === 'cfs' ? fileStorage(settings, findings) : objectStorage(protocol, settings, findings)
}

function fileStorage(settings: StorageSettings, findings: Findings): FileStorageConfig {
  if (settings.CFSMountPath === '') {
    findings.wrong(
      'StorageConfig.CFSMountPath',
      'is not set',
      'Set StorageConfig.CFSMountPath to the directory where the file system is mounted, such as /mnt/cfs.',
    )
  }
  return { protocol: 'cfs', mountPath: settings.CFSMountPath, storeDir: storeDir(settings, findings) }
}

function objectStorage(
  protocol: ObjectStorageConfig['protocol'],
  settings: StorageSettings,
  findings: Findings,
): ObjectStorageConfig {
  const bucket = bucketName(settings, findings)
  const endpoint = writtenEndpoint(settings, bucket, findings)
  const provider = endpoint === null ? ownerOf(protocol) : (providerOf(endpoint.hostname)?.name ?? null)
  warnOfMissingAppId(bucket, provider, findings)
  const regionId = region(settings, endpoint, provider, findings)
  return {
    protocol,
    bucket,
    region: regionId,
    endpoint: endpoint === null ? ownEndpoint(protocol, regionId) : urlOf(endpoint),
    credentials: credentials(settings, provider, findings),
    addressing: settings.addressing,
    ...encryption(settings, findings),
    storeDir: storeDir(settings, findings),
    presignedUrlExpireSeconds: linkSeconds(settings, findings),
  }
}

function writtenEndpoint(settings: StorageSettings, bucket: string, findings: Findings): Endpoint | null {
  if (settings.S3Endpoint === '') return null
  const key = 'StorageConfig.S3Endpoint'
  const endpoint = parseEndpoint(settings.S3Endpoint)
  if (endpoint === null) {
    const state = `is ${show(settings.S3Endpoint)}; allowed: ${ENDPOINT_FORM}`
    findings.wrong(key, state, 'Write it as https://HOST or http://HOST:PORT.')
    return null
  }
  if (endpoint.guessed) {
    const other = endpoint.url.replace(/^https?/, scheme => (scheme === 'http' ? 'https' : 'http'))
    findings.warn(key, `names no scheme, so it is taken for ${endpoint.url}; write that, or ${other}`)
  } else if (isReadOnItsWay(endpoint.url)) {
    findings.warn(
      key,
      'begins with http://: cores, and links to them, can be read on their way; use https://',
    )
  }
  return withoutBucket(endpoint, bucket, findings)
}

/** Consoles show `bucket.host`; with it, requests would go to `bucket.bucket.host`. */
function withoutBucket(endpoint: Endpoint, bucket: string, findings: Findings): Endpoint {
  const prefix = `${bucket.toLowerCase()}.`
  const isCloud = providerOf(endpoint.hostname) !== null
  if (!isCloud || bucket === '' || !endpoint.hostname.startsWith(prefix)) return endpoint
  findings.warn('StorageConfig.S3Endpoint', 'begins with the bucket, which is left out: S3Bucket has it')
  return parseEndpoint(endpoint.url.replace(`//${prefix}`, '//')) ?? endpoint
}

function encryption(
  { serverSideEncryption: algorithm, kmsKeyId: keyId }: StorageSettings,
  findings: Findings,
): { encryption?: EncryptionConfig } {
  const isKms = algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse'
  if (keyId !== '' && !isKms)
    findings.warn('StorageConfig.kmsKeyId', 'has no effect without `serverSideEncryption: aws:kms`')
  if (algorithm === 'none') return {}
  return { encryption: { algorithm, ...(isKms && keyId !== '' && { keyId }) } }
}

/** AWS's endpoint without a region redirects all but us-east-1; the SDK finds the right one by itself. */
function urlOf({ hostname, url }: Endpoint): string | null {
  return hostname === 's3.amazonaws.com' && url.startsWith('https:') ? null : url
}

function storeDir({ StoreDir }: StorageSettings, findings: Findings): string {
  const segments = StoreDir.split('/').filter(segment => segment !== '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  if (segments.some(segment => /^\.{1,2}$|[\0-\x1f\x7f]/.test(segment))) {
    findings.wrong(
      'StorageConfig.StoreDir',
      `is ${show(StoreDir)}; allowed: folder names with / between them`,
      'Write the folder without "." and "..", such as corefiles/production.',
    )
  }
  return segments.join('/')
}

const LONGEST_LINK_SECONDS = 604_800
const DEFAULT_LINK_SECONDS = 3_600

function linkSeconds({ PresignedURLExpireSeconds: asked }: StorageSettings, findings: Findings): number {
  const key = 'StorageConfig.PresignedURLExpireSeconds'
  if (asked > LONGEST_LINK_SECONDS) {
    findings.warn(key, `is more than the week that S3 allows: ${LONGEST_LINK_SECONDS} is used`)
    return LONGEST_LINK_SECONDS
  }
  if (asked >= 1) return asked
  // The least allowed, 1, would make links that are dead on arrival.
  findings.warn(key, `is less than 1: ${DEFAULT_LINK_SECONDS} is used`)
  return DEFAULT_LINK_SECONDS
}
