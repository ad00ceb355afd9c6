import type { Config } from '../../config/config.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Check } from './check.ts'
import { lifecycleFaults } from './lifecycle-faults.ts'
import { lifecycleRules, type Wanted, wantedRules } from './lifecycle-rules.ts'

/**
 * Whether what is to go from the bucket goes. A store that does not say, or not within `longestMs`, keeps a crash all the
 * same.
 */
export async function checkBucket(
  store: Pick<ObjectStore, 'bucketRules'>,
  config: Pick<Config, 'storage' | 'retention'>,
  longestMs: number,
): Promise<readonly Check[]> {
  const wanted = wantedRules(config)
  const found = await store.bucketRules(AbortSignal.timeout(longestMs)).catch(() => UNKNOWN)
  const faults = lifecycleFaults(wanted, found)
  if (faults.length === 0) return fine(wanted, found.keepsVersions)
  const hint = hintOf(wanted, found.keepsVersions)
  return faults.map(detail => ({ name: 'bucket', warning: true, detail, hint }))
}

const UNKNOWN = { keepsVersions: 'unknown', rules: 'unknown', refusesTags: false } as const

function fine({ days, areRemoved }: Wanted, keepsVersions: boolean | 'unknown'): readonly Check[] {
  const name = 'bucket'
  if (days !== null) return [{ name, detail: `a rule takes crashes after ${days} days` }]
  if (!areRemoved || keepsVersions !== 'unknown') return []
  return [
    { name, detail: 'it does not say whether what is removed stays as a version (s3:GetBucketVersioning)' },
  ]
}

/** A line, as the installer reads it. */
function hintOf(wanted: Wanted, keepsVersions: boolean | 'unknown'): string {
  const rules = lifecycleRules(wanted, keepsVersions)
  const [only, ...more] = rules
  return more.length > 0
    ? '`coredog-handler lifecycle` prints the rules that it needs.'
    : `Add this rule to the bucket: ${JSON.stringify(only)}`
}
