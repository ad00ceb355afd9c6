import { isIP } from 'node:net'
import type { ObjectStorageConfig } from '../../config/config.ts'
import { ownEndpoint, refusesPathStyle } from '../../config/provider.ts'

/** What differs from one S3 to the next. */
export interface S3Dialect {
  /** `null`: AWS's own, of the region. */
  readonly endpoint: string | null
  readonly region: string
  /** Whether the bucket stands in the path (`host/bucket/key`) or in the host name (`bucket.host/key`). */
  readonly pathStyle: boolean
  /**
   * Whether to send and check CRC32 checksums. AWS wants them for buckets with object lock; many
   * others (OSS, COS, R2, old MinIO and Ceph) answer 400 or 501 to the headers.
   */
  readonly checksums: boolean
  /** By which header an object is stored only where there is none: COS and OSS have their own. */
  readonly once: Readonly<Record<string, string>>
  /**
   * The same of a request that may fail. Google refuses some headers of its own beside those of AWS, and programs are
   * to be stored all the same.
   */
  readonly ifNew: Readonly<Record<string, string>>
}

/** Pure. Sources: the S3 pages of the providers; test/storage/s3/s3-dialect.test.ts is the table. */
export function s3Dialect(config: ObjectStorageConfig): S3Dialect {
  const endpoint = config.endpoint ?? ownEndpoint(config.protocol, config.region)
  const aws = endpoint === null || isAws(new URL(endpoint).hostname)
  return {
    endpoint,
    region: config.region || 'us-east-1',
    pathStyle: !aws && wantsPathStyle(config, new URL(endpoint)),
    checksums: aws,
    once: ONCE[config.protocol],
    ifNew: isGoogle(endpoint) ? { 'x-goog-if-generation-match': '0' } : ONCE[config.protocol],
  }
}

// https://www.tencentcloud.com/document/product/436/7749, https://help.aliyun.com/document_detail/146171.html
const ONCE: Readonly<Record<ObjectStorageConfig['protocol'], S3Dialect['once']>> = {
  s3: { 'if-none-match': '*' },
  cos: { 'x-cos-forbid-overwrite': 'true' },
  oss: { 'x-oss-forbid-overwrite': 'true' },
}

function isGoogle(endpoint: string | null): boolean {
  return endpoint !== null && /(^|\.)storage\.googleapis\.com$/.test(new URL(endpoint).hostname)
}

function isAws(hostname: string): boolean {
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(hostname)
}

function wantsPathStyle({ protocol, addressing = 'auto' }: ObjectStorageConfig, endpoint: URL): boolean {
  if (addressing !== 'auto') return addressing === 'path'
  if (refusesPathStyle(protocol)) return false
  return endpoint.port !== '' || isAlone(endpoint.hostname)
}

/** A host that has no names below it for buckets to be. */
function isAlone(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '')
  return (
    isIP(address) !== 0 || !hostname.includes('.') || /\.(svc|svc\.cluster\.local|localhost)$/.test(hostname)
  )
}
