import type { RetentionConfig, StorageConfig } from './config.ts'
import type { ValueOf } from './declaration.ts'
import type { Findings } from './findings.ts'
import type { KEYS } from './keys.ts'

type Settings = ValueOf<typeof KEYS>

// Removing never touches what is younger, and an operator who writes 30 for a number of days shall not lose
// all but an hour.
const LEAST_AGE_SECONDS = 3600

const DAY_SECONDS = 86_400

/** The store, with what a rule of its bucket goes by: tags, which S3 has. */
export function tagged(
  storage: StorageConfig,
  by: Settings['retention']['by'],
  findings: Findings,
): StorageConfig {
  if (by === 'coredog') return storage
  if (storage.protocol === 's3') return { ...storage, tagsCrashes: true }
  findings.wrong(
    'retention.by',
    `is lifecycle, which is for protocol s3, and not for ${storage.protocol}`,
    'Leave retention.by out.',
  )
  return storage
}

export function retentionConfig(
  { by, maxAge, maxCount, maxBytes, minOfGroup }: Settings['retention'],
  findings: Findings,
): RetentionConfig {
  if (maxAge > 0 && maxAge < LEAST_AGE_SECONDS) {
    findings.wrong(
      'retention.maxAge',
      `is ${maxAge} s, after which nobody has looked at a crash; allowed: 0, or 1h and more`,
      'Write the unit, such as 30d.',
    )
  }
  if (by === 'lifecycle' && (maxAge === 0 || maxAge % DAY_SECONDS > 0)) {
    findings.wrong(
      'retention.maxAge',
      'is no number of days, by which alone a rule of a bucket goes',
      'Write it in days, such as 30d, or leave retention.by out.',
    )
  }
  return { by, maxAgeSeconds: maxAge, maxCount, maxBytes, minOfGroup }
}
