import type { Logger } from 'pino'
import { reasonOf } from '../../crash/errors.ts'
import { claimFirst } from '../../groups/claim-first.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Notification } from '../../notify/notification.ts'
import { isChannel, isReceiver, type Target } from '../../notify/target.ts'

/** Whom it asks about a group. */
export interface Settling {
  readonly store: GroupStore
  readonly node: string
  /** Whether crashes of the group that this node has counted are in what it tells the others. */
  readonly isCounted: (group: string) => boolean
  /** Whether one in the cluster tells people of all groups. */
  readonly isSomebodyThere: () => Promise<boolean>
  readonly now: () => Date
  readonly log: Logger
}

const DEADLINE_SECONDS = 10

/** What handlers note is counted in the round after the next one. */
const COUNTED_WITHIN_SECONDS = 60

type Teller = 'us' | 'the notifier' | 'nobody' | 'not known yet'

/**
 * `entry`, of a crash whose group all nodes count together, as it is to be delivered: with its chats if it is the first
 * of its group, or nobody tells of groups; else without. `null`: it is not known yet. Never rejects: what cannot be
 * found out is told, at once where a core was kept, which is rare.
 */
export async function resolved(entry: OutboxEntry, settling: Settling): Promise<OutboxEntry | null> {
  const { group, ...notice } = entry.notice
  if (group === undefined) return entry
  const teller = await tellerOf(entry, group, settling)
  if (teller === 'not known yet') return null
  if (teller === 'us') return { ...entry, notice }
  settling.log.info({ crash: notice.report.id, group, teller }, 'left to others to tell')
  return { ...entry, notice, pending: entry.pending.filter(target => !isLeft(target, notice)) }
}

/** Whether others tell it: to receivers each core that is kept is news, and the count comes from one for all. */
function isLeft(target: Target, { outcome }: Pick<Notification, 'outcome'>): boolean {
  return isChannel(target) || (outcome === 'suppressed' && isReceiver(target))
}

async function tellerOf(entry: OutboxEntry, folder: string, settling: Settling): Promise<Teller> {
  const { store, node, now, log } = settling
  const { id } = entry.notice.report
  const group = new CrashGroup(store, folder)
  const signal = AbortSignal.timeout(DEADLINE_SECONDS * 1000)
  try {
    // Mostly there is one, and reading costs a tenth of writing.
    const first = await group.told(0, signal)
    if (first === null) {
      const { told } = await claimFirst(group, { id, node, time: now() }, signal)
      if (told !== 'another') return told === 'first' ? 'us' : 'nobody'
    } else if (first.id === id) return 'us'
    if (await group.isMuted(now(), signal)) return 'nobody'
    return await notifierOr(entry, folder, settling)
  } catch (cause) {
    log.warn({ crash: id, ...reasonOf(cause) }, 'it is not known whether people were told of crashes like it')
    return entry.notice.outcome === 'suppressed' ? 'not known yet' : 'us'
  }
}

async function notifierOr(
  { firstAt }: OutboxEntry,
  folder: string,
  { isCounted, isSomebodyThere, now }: Settling,
): Promise<Teller> {
  if (isCounted(folder)) return (await isSomebodyThere()) ? 'the notifier' : 'us'
  const ageSeconds = Math.abs(now().getTime() - Date.parse(firstAt)) / 1000
  return ageSeconds < COUNTED_WITHIN_SECONDS ? 'not known yet' : 'us'
}
