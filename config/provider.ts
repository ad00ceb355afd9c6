import type { ObjectStorageConfig } from './config.ts'

export type ProviderName = 'AWS' | 'COS' | 'OSS'

/** Whose object storage a host name belongs to, and what such a name says of the region. */
interface Provider {
  readonly name: ProviderName
  readonly host: RegExp
  /** Its first group is the region. */
  readonly region: RegExp
}

// Sources: the endpoint pages of the three. Accelerated endpoints belong to no region.
const PROVIDERS: readonly Provider[] = [
  {
    name: 'AWS',
    host: /(?:^|\.)amazonaws\.com(?:\.cn)?$/,
    region: /(?:^|\.)s3(?:-fips)?[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:vpce\.)?amazonaws\.com/,
  },
  {
    name: 'COS',
    host: /(?:^|\.)(?:myqcloud\.com|tencentcos\.cn)$/,
    region: /(?:^|\.)cos(?:-internal)?\.(?!accelerate)([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)$/,
  },
  {
    name: 'OSS',
    host: /(?:^|\.)aliyuncs\.com$/,
    region: /(?:^|\.)oss-(?!accelerate)([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/,
  },
]

/** `null`: a store of the operator's own, or of another provider. */
export function providerOf(hostname: string): Provider | null {
  return PROVIDERS.find(({ host }) => host.test(hostname)) ?? null
}

/** The region in `hostname`, or nothing. */
export function regionIn(hostname: string): string {
  return providerOf(hostname)?.region.exec(hostname)?.[1] ?? ''
}

/** Whose store a protocol means where no endpoint is written. */
export function ownerOf(protocol: ObjectStorageConfig['protocol']): ProviderName {
  return ({ s3: 'AWS', cos: 'COS', oss: 'OSS' } as const)[protocol]
}

/** The endpoint that goes with a protocol and a region; `null`: AWS's, which the SDK knows. */
export function ownEndpoint(protocol: ObjectStorageConfig['protocol'], region: string): string | null {
  if (protocol === 's3') return null
  if (protocol === 'cos') return `https://cos.${region}.myqcloud.com`
  return `https://s3.oss-${region.replace(/^oss-/, '')}.aliyuncs.com`
}

/** COS refuses path style for buckets made since 2024, OSS for all (SecondLevelDomainForbidden). */
export function refusesPathStyle(protocol: ObjectStorageConfig['protocol']): boolean {
  return protocol !== 's3'
}
