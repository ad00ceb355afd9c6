import type { BigIntStats } from 'node:fs'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'

/**
 * Something that lies below the dumps directory. `directory` is the one it lies in, open until the next is
 * asked for.
 */
export type Sight =
  | {
      readonly kind: 'file'
      readonly segments: readonly string[]
      readonly directory: UntrustedDirectory
      readonly stat: BigIntStats
    }
  | { readonly kind: 'entered'; readonly segments: readonly string[]; readonly directory: UntrustedDirectory }
  | {
      readonly kind: 'left'
      readonly segments: readonly string[]
      readonly directory: UntrustedDirectory
      /** Of what is in it. */
      readonly directories: number
      readonly entries: number
    }
