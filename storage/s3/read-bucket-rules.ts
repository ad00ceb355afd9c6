import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { BucketRule, BucketRules } from '../bucket-rules.ts'
import type { S3Connection } from './s3-connection.ts'
import { statusOf } from './s3-object.ts'

/** Rejects only where the store is away. */
export async function readBucketRules(
  { sdk, client }: S3Connection,
  Bucket: string,
  abortSignal: AbortSignal,
): Promise<Omit<BucketRules, 'refusesTags'>> {
  const [versioning, lifecycle] = await Promise.all([
    unlessRefused(client.send(new sdk.GetBucketVersioningCommand({ Bucket }), { abortSignal })),
    unlessRefused(client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }), { abortSignal })),
  ])
  return {
    // Where it is suspended, what was stored before stays all the same.
    keepsVersions: typeof versioning === 'string' ? 'unknown' : versioning.Status !== undefined,
    rules: typeof lifecycle === 'string' ? RULES[lifecycle] : (lifecycle.Rules ?? []).map(ruleOf),
  }
}

const RULES = { absent: [], refused: 'unknown' } as const

/** What is not known to the store, or not for us, is no failure of it. */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | 'absent' | 'refused'> {
  try {
    return await answer
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    if (name === 'NoSuchLifecycleConfiguration') return 'absent'
    const status = statusOf(cause) ?? 0
    const isRefusal = (status >= 400 && status < 500) || status === 501
    if (isRefusal && name !== 'NoSuchBucket') return 'refused'
    throw cause
  }
}

function ruleOf(rule: LifecycleRule): BucketRule {
  const { Status, Prefix, Filter: { And, Tag, ...alone } = {}, Expiration } = rule
  const tags = And?.Tags ?? (Tag === undefined ? [] : [Tag])
  const { ObjectSizeGreaterThan, ObjectSizeLessThan } = And ?? alone
  return {
    isEnabled: Status === 'Enabled',
    prefix: And?.Prefix ?? alone.Prefix ?? Prefix ?? '',
    tags: tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value })),
    isBySize: ObjectSizeGreaterThan !== undefined || ObjectSizeLessThan !== undefined,
    expirationDays: Expiration?.Days ?? (Expiration?.Date === undefined ? null : 0),
    noncurrentDays: noncurrentDays(rule.NoncurrentVersionExpiration),
  }
}

/** A rule that leaves the newest of them leaves the core that was removed last, which has no other. */
function noncurrentDays(expiration: LifecycleRule['NoncurrentVersionExpiration']): number | null {
  const { NoncurrentDays = null, NewerNoncurrentVersions = 0 } = expiration ?? {}
  return NewerNoncurrentVersions > 0 ? null : NoncurrentDays
}
