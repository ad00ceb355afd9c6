import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Occurred } from '../../handoff/group-file.ts'
import type { Admission, GroupRule } from '../../handoff/group-standing.ts'
import type { Notification } from '../../notify/notification.ts'
import { type Candidate, GroupLog } from './group-log.ts'
import type { Groups } from './groups.ts'

/** Whose limit a core was not kept for. */
export type Limit = 'dedupe' | 'perWorkload'

/** Whether the core of a crash is kept. */
export type Verdict =
  /** `suppressed`: how many crashes like it were counted, but not kept, since the last one that was. */
  | { readonly keep: true; readonly suppressed: number }
  | (Extract<Admission, { readonly keep: false }> & { readonly by: Limit; readonly keeps: number })

/** Counts the crashes of one group, and of one workload. */
export interface Deduplication {
  /** Of one crash that is asked for again the answer is the same: it may have been killed on its way. */
  deduplicate(groups: Groups, crash: Candidate): Promise<Verdict>
  /**
   * A crash that was admitted does not count for limits `from`, after all: the next one of its kind is kept
   * in its place.
   */
  withdraw(groups: Groups, crash: Occurred, from: readonly Limit[]): Promise<void>
  /**
   * Leaves `notification`, of a crash that `by` let no core be kept of, to be told with their number once the
   * time of the limit is over.
   */
  leave(groups: Groups, by: Limit, notification: Notification): Promise<void>
}

const HOUR_SECONDS = 3600

/** Counts in files of `folder`, one for each group and each workload. */
export function deduplicationIn(folder: string, config: Pick<Config, 'dedupe' | 'limits'>): Deduplication {
  const countedFor = (groups: Groups) => countedIn(folder, groups, config)
  return {
    deduplicate: (groups, own) => enterAll(countedFor(groups), own),
    async withdraw(groups, own, from) {
      for (const { limit, log } of countedFor(groups))
        if (from.includes(limit)) await log.takeBack(own, 'withdrawn')
    },
    async leave(groups, by, notification) {
      await countedFor(groups)
        .find(({ limit }) => limit === by)
        ?.log.leave(notification)
    },
  }
}

/** A limit, and what counts for it. */
interface Counted {
  readonly limit: Limit
  readonly keeps: number
  readonly log: GroupLog
}

/** A crash that is one of a group already does not count against its workload, so the group comes first. */
function countedIn(
  folder: string,
  { fingerprint, workload }: Groups,
  { dedupe, limits }: Pick<Config, 'dedupe' | 'limits'>,
): readonly Counted[] {
  const { windowSeconds, keep } = dedupe
  const hourly = { windowSeconds: limits.perWorkload === 0 ? 0 : HOUR_SECONDS, keep: limits.perWorkload }
  return [
    ...counted(folder, 'dedupe', fingerprint, { windowSeconds, keep }),
    ...counted(folder, 'perWorkload', workload, hourly),
  ]
}

function counted(
  folder: string,
  limit: Limit,
  what: readonly string[] | null,
  rule: GroupRule,
): readonly Counted[] {
  if (what === null || rule.windowSeconds === 0) return []
  return [{ limit, keeps: rule.keep, log: new GroupLog(fileOf(folder, [limit, ...what]), rule) }]
}

function fileOf(folder: string, what: readonly string[]): string {
  return path.join(folder, createHash('sha256').update(what.join('\0')).digest('hex').slice(0, 32))
}

/** The first limit that refuses `own` decides; then it counts for none of those before. */
async function enterAll(all: readonly Counted[], own: Candidate): Promise<Verdict> {
  const entered = []
  for (const { limit, keeps, log } of all) {
    const { admission, isPast } = await log.enter(own)
    if (!admission.keep) {
      for (const earlier of entered) await earlier.log.takeBack(own, 'refused')
      return { ...admission, by: limit, keeps }
    }
    entered.push({ log, isPast, suppressed: admission.suppressed })
  }
  for (const { log, isPast } of entered) if (isPast) await log.beginAnew(own)
  return { keep: true, suppressed: entered.reduce((sum, { suppressed }) => sum + suppressed, 0) }
}
