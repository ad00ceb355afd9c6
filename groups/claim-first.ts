import type { CrashGroup } from './crash-group.ts'
import type { GroupSummary } from './group-summary.ts'
import type { ToldRecord } from './told-record.ts'

/** Who tells people of a crash. */
export type Claim =
  /** Its group is news: we do. `summary`: what was counted of it before; `null`: nothing is known. */
  | { readonly told: 'first'; readonly summary: GroupSummary | null }
  /** People know of the group. */
  | { readonly told: 'another' }
  /** Nobody is to. */
  | { readonly told: 'muted' }

/** Of all crashes of a group one is told of as its first. Rejects with a StoreError, or when `signal` aborts. */
export async function claimFirst(
  group: CrashGroup,
  own: Omit<ToldRecord, 'crashes'>,
  signal: AbortSignal,
): Promise<Claim> {
  const [summary, isMuted] = await Promise.all([group.summary(signal), group.isMuted(own.time, signal)])
  if (isMuted) return { told: 'muted' }
  const record = { ...own, crashes: (summary?.crashes ?? 0) + 1 }
  return (await group.claim(0, record, signal)) === 'won' ? { told: 'first', summary } : { told: 'another' }
}
