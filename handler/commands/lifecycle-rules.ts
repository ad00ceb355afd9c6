import type { Config } from '../../config/config.ts'
import { BINARIES } from '../../crash/binary-key.ts'
import { GROUPS } from '../../crash/group-key.ts'
import { INDEX } from '../../crash/index-entry.ts'
import { QUOTA } from '../../crash/quota.ts'
import { UPKEEP } from '../../crash/upkeep-key.ts'
import { type BucketRules, CRASH_TAG } from '../../storage/bucket-rules.ts'
import { TRIALS } from '../../storage/store-trial.ts'

/** What is to go by rules of the bucket. */
export interface Wanted {
  /** Of whole keys; empty: all that is in the bucket. */
  readonly prefix: string
  /** After which a rule takes crashes; `null`: none does. */
  readonly days: number | null
  /** Whether anybody removes crashes. */
  readonly areRemoved: boolean
}

/** As `aws s3api put-bucket-lifecycle-configuration` takes it. */
interface Rule {
  readonly ID: string
  readonly Status: 'Enabled'
  readonly Filter: object
  readonly [action: string]: object | string
}

/** What lies beside the crashes: counts, marks and names, which are overwritten or removed. No rule takes it by its age. */
export const BESIDE_CRASHES = [GROUPS, INDEX, BINARIES, UPKEEP, QUOTA, TRIALS].map(name => `${name}/`)

const DAY_SECONDS = 86_400
/** Of an upload that nobody finishes. */
const UNFINISHED_DAYS = 3

export function wantedRules({ storage, retention }: Pick<Config, 'storage' | 'retention'>): Wanted {
  const { by, maxAgeSeconds, maxCount, maxBytes } = retention
  return {
    prefix: storage.storeDir === '' ? '' : `${storage.storeDir}/`,
    days: by === 'lifecycle' ? maxAgeSeconds / DAY_SECONDS : null,
    areRemoved: maxAgeSeconds + maxCount + maxBytes > 0,
  }
}

export function lifecycleRules(wanted: Wanted, keepsVersions: BucketRules['keepsVersions']): readonly Rule[] {
  const isWhole = keepsVersions !== false && wanted.areRemoved
  return [
    ...(wanted.days === null ? [] : [crashRule(wanted.prefix, wanted.days)]),
    ruleOf('coredog-remains', wanted.prefix, {
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: UNFINISHED_DAYS },
      ...(isWhole && OLDER_VERSIONS),
    }),
    ...(keepsVersions === false || isWhole
      ? []
      : BESIDE_CRASHES.map(name => besideRule(wanted.prefix, name))),
  ]
}

const OLDER_VERSIONS = {
  NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  Expiration: { ExpiredObjectDeleteMarker: true },
}

/** Older versions of crashes stay: who keeps them all may want them in case that another one removes them. */
function besideRule(prefix: string, name: string): Rule {
  return ruleOf(`coredog-older-${name.replaceAll(/[_/]/g, '')}`, prefix + name, OLDER_VERSIONS)
}

function crashRule(prefix: string, days: number): Rule {
  const tag = { Key: CRASH_TAG.key, Value: CRASH_TAG.value }
  // S3 refuses an `And` of one.
  const Filter = prefix === '' ? { Tag: tag } : { And: { Prefix: prefix, Tags: [tag] } }
  return { ...ruleOf('coredog-crashes', prefix, { Expiration: { Days: days } }), Filter }
}

function ruleOf(ID: string, Prefix: string, actions: Readonly<Record<string, object>>): Rule {
  return { ID, Status: 'Enabled', Filter: { Prefix }, ...actions }
}
