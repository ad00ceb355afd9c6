/** What a bucket does with objects by itself. `unknown`: it does not say, or these credentials may not ask. */
export interface BucketRules {
  /** Whether what is removed or overwritten stays as an older version, or did so once. */
  readonly keepsVersions: boolean | 'unknown'
  readonly rules: readonly BucketRule[] | 'unknown'
  /** Whether an object was stored without its tag since this store was opened. */
  readonly refusesTags: boolean
}

/** A rule of a bucket's lifecycle, as far as it takes objects away. */
export interface BucketRule {
  readonly isEnabled: boolean
  /** Whole keys begin with it. */
  readonly prefix: string
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  /** Whether it leaves objects alone by their size. */
  readonly isBySize: boolean
  /** `null`: it takes no object by its age; 0: on a certain day. */
  readonly expirationDays: number | null
  /** `null`: it takes no older version. */
  readonly noncurrentDays: number | null
}

/** What objects of crashes are tagged with, so that a rule takes them, and not what lies beside them. */
export const CRASH_TAG = { key: 'coredog', value: 'crash' } as const

/** What a directory does. */
export const NO_RULES: BucketRules = { keepsVersions: false, rules: [], refusesTags: false }
