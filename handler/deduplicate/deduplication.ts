import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Occurred } from '../../handoff/group-file.ts'
import type { Admitted, GroupRule, Refusal } from '../../handoff/group-standing.ts'
import type { Notification } from '../../notify/notification.ts'
import { type Candidate, GroupLog } from './group-log.ts'
import type { Groups } from './groups.ts'
import type { LateWord } from './late-word.ts'
import type { KeptByOthers } from './places.ts'

/** Whose limit a core was not kept for. */
export type Limit = 'dedupe' | 'perWorkload'

/** Whether the core of a crash is kept. */
export type Verdict = Kept | Refused

export interface Kept extends Admitted {
  /** Absent: its cluster has said all that it will, or was not asked. */
  readonly late?: LateWord
}

/** Of a crash whose core is not kept. */
export type Refused = Refusal & {
  readonly by: Limit
  readonly keeps: number
  /** Absent: it was the node that refused it. */
  readonly byCluster?: KeptByOthers
}

/**
 * What is left of a crash whose core is not kept, beside the count: its report; word of it, for the one message
 * on all of them; or nothing.
 */
export type Remembered = 'report' | 'word' | 'nothing'

/** Counts the crashes of one group, and of one workload. */
export interface Deduplication {
  /** Of one crash that is asked for again the answer is the same: it may have been killed on its way. */
  deduplicate(groups: Groups, crash: Candidate): Promise<Verdict>
  /** Of one that was admitted by the node: its place in the cluster, if it has one, and where its core will be. */
  settle(groups: Groups, crash: Candidate, place: string | null): Promise<void>
  /** Of one that was admitted by the node: the cluster has kept enough like it, so it is counted, and not kept. */
  leaveToOthers(groups: Groups, crash: Occurred): Promise<Verdict>
  /**
   * A crash that was admitted does not count for limits `from`, after all: the next one of its kind is kept
   * in its place.
   */
  withdraw(groups: Groups, crash: Occurred, from: readonly Limit[]): Promise<void>
  /**
   * Whether a crash is one of the first of its kind in an hour, of which reports are stored: ten of a fingerprint, five
   * where the cluster keeps cores of it, with those of cores, and of a workload ten of whose cores none were kept.
   */
  remember(groups: Groups, crash: Occurred, refused: Refused): Promise<Remembered>
  /** A report of `crash`, whose core was kept, is stored. */
  reported(groups: Groups, crash: Occurred): Promise<void>
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
    async settle(groups, own, place) {
      await logOf(countedFor(groups), 'dedupe')?.settle(own, place)
    },
    async leaveToOthers(groups, own) {
      const all = countedFor(groups)
      await logOf(all, 'perWorkload')?.takeBack(own, 'refused')
      const group = all.find(({ limit }) => limit === 'dedupe')
      const admission = await group?.log.leaveToOthers(own)
      if (group === undefined || admission === undefined || admission.keep)
        throw new Error('it was not among those of its kind any more')
      return { ...admission, by: 'dedupe', keeps: group.keeps }
    },
    async withdraw(groups, own, from) {
      for (const { limit, log } of countedFor(groups))
        if (from.includes(limit)) await log.takeBack(own, 'withdrawn')
    },
    async remember(groups, own, { by, kept, byCluster }) {
      const log = logOf(countedFor(groups), by)
      const rule = byCluster === undefined ? REPORTS : REPORTS_IN_A_CLUSTER
      if (await reportIsDue(reportsIn(folder, groups, by, rule), own, by === 'dedupe' ? kept : []))
        return 'report'
      return (await log?.hasWord()) === true ? 'nothing' : 'word'
    },
    async reported(groups, own) {
      if (countedFor(groups).some(({ limit }) => limit === 'dedupe'))
        await reportIsDue(reportsIn(folder, groups, 'dedupe'), own, [])
    },
    async leave(groups, by, notification) {
      await logOf(countedFor(groups), by)?.leave(notification)
    },
  }
}

/** A limit, and what counts for it. */
interface Counted {
  readonly limit: Limit
  readonly keeps: number
  readonly log: GroupLog
}

function logOf(all: readonly Counted[], by: Limit): GroupLog | undefined {
  return all.find(({ limit }) => limit === by)?.log
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

/** A report has some kilobytes, and a program may crash for days. */
const REPORTS: GroupRule = { windowSeconds: HOUR_SECONDS, keep: 10 }
/** Other nodes have some, too, and each is some requests: of thousands of nodes they are what a night costs. */
const REPORTS_IN_A_CLUSTER: GroupRule = { windowSeconds: HOUR_SECONDS, keep: 5 }

/** The reports of one group: a file as that of its crashes, which lasts for longer than those. */
function reportsIn(folder: string, groups: Groups, by: Limit, rule: GroupRule = REPORTS): GroupLog {
  const what = (by === 'dedupe' ? groups.fingerprint : groups.workload) ?? []
  return new GroupLog(fileOf(folder, ['reports', by, ...what]), rule)
}

/** `before`: of what there are reports, or will be. */
async function reportIsDue(log: GroupLog, own: Occurred, before: readonly Occurred[]): Promise<boolean> {
  const { admission, isPast } = await log.enter({ time: own.time, id: own.id }, before)
  if (isPast) await log.beginAnew({ time: own.time, id: own.id })
  return admission.keep
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
    entered.push({ ...admission, log, isPast })
  }
  for (const { log, isPast } of entered) if (isPast) await log.beginAnew(own)
  const place = entered.find(({ place }) => place !== undefined)?.place
  const suppressed = entered.reduce((sum, one) => sum + one.suppressed, 0)
  return { keep: true, suppressed, ...(place !== undefined && { place }) }
}
