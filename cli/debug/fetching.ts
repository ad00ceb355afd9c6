import type { Coredump } from '../../coredump/coredump.ts'
import { messageOf } from '../../crash/errors.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { CrashSource } from '../source/source.ts'
import type { DebugCache } from './debug-cache.ts'
import type { Transfer } from './transfer.ts'

/** What fetching needs. */
export interface Fetching {
  readonly source: CrashSource
  readonly crash: Coredump
  /** `null`: it could not be read. */
  readonly report: CrashReport | null
  readonly cache: DebugCache
  readonly transfer: Transfer
  /** Says what is missing, and why. */
  readonly warn: (text: string) => void
  readonly signal: AbortSignal
}

/** So many small files come beside the core. */
export const AT_ONCE = 4

/** What a core opens without, and says less. */
export async function orWarned<T>(
  { signal, warn }: Fetching,
  what: string,
  fetching: Promise<T>,
): Promise<T | null> {
  try {
    return await fetching
  } catch (error) {
    if (signal.aborted) throw error
    warn(`${what}: ${messageOf(error)}`)
    return null
  }
}
