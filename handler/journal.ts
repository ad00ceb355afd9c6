import type { Logger } from 'pino'
import type { ChannelConfig, Config } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import type { Claim } from '../groups/claim-first.ts'
import { newEntry, type OutboxEntry } from '../handoff/outbox-entry.ts'
import type { OutboxFolder } from '../handoff/outbox-folder.ts'
import { channelName } from '../notify/channel-name.ts'
import type { Delivery, Notification, Notifier } from '../notify/notification.ts'
import { targetsOf } from '../notify/routing.ts'
import { channelTarget, isChannel, type Target } from '../notify/target.ts'
import { countedInCluster } from './first-voice.ts'

/** What a notifier needs to keep a journal. */
interface Journal {
  readonly config: Config
  readonly outbox: OutboxFolder
  /** Whether the installer is to tell the channels, of many crashes together. */
  readonly isBurst: () => Promise<boolean>
  /** Whether people are told by this node, as the first of the cluster; `null`: they are. */
  readonly claim: (notification: Notification) => Promise<Claim | null>
  readonly now: () => Date
  readonly log: Logger
}

// Telling takes half a minute at the most. The installer keeps off as long; when we are killed, it takes
// over.
const OURS_SECONDS = 90

/**
 * `notifier`, and what is still to be sent is on the disk before it tells: a destination that is not told
 * then, because we were killed or because a chat was not there, and one that only the installer tells, hears
 * of the crash from the installer. In a burst every destination does: two hundred handlers would each send a
 * message of their own. So it is where people know of the group of the crash: the installer finds out who tells them
 * more of it.
 */
export function journalled(notifier: Notifier, journal: Journal): Notifier {
  const { config, outbox, now } = journal
  return {
    async tell(toTell, onNoted) {
      const targets = targetsOf(config, toTell)
      if (targets.length === 0) return []
      const channels = targets.some(isChannel) ? config.notice.channels : []
      const { isOurs, notification } =
        channels.length > 0 ? await whoTells(toTell, journal) : { isOurs: false, notification: toTell }
      const entry = entryOf(notification, targets, now(), isOurs)
      const isNoted = await safely(journal, () => outbox.add(entry))
      if (!isNoted) return channels.length > 0 ? notifier.tell(notification) : []
      await onNoted?.()
      if (!isOurs) return channels.map(leftToInstaller)
      const deliveries = await notifier.tell(notification)
      await safely(journal, () => acknowledge(entry, deliveries, journal))
      return deliveries
    },
  }
}

/** What is ours to tell is of no group any more: nobody else will. */
async function whoTells(
  notification: Notification,
  { isBurst, claim }: Journal,
): Promise<{ readonly isOurs: boolean; readonly notification: Notification }> {
  if (await isBurst()) return { isOurs: false, notification }
  const { group, ...own } = notification
  if (group === undefined) return { isOurs: true, notification }
  const claimed = await claim(notification)
  if (claimed === null) return { isOurs: true, notification: own }
  if (claimed.told !== 'first') return { isOurs: false, notification }
  return { isOurs: true, notification: countedInCluster(own, claimed.summary) }
}

/** Due at once; what is ours to tell, once we should have told it. */
function entryOf(
  notification: Notification,
  targets: readonly Target[],
  at: Date,
  isOurs: boolean,
): OutboxEntry {
  const notBefore = isOurs ? new Date(at.getTime() + OURS_SECONDS * 1000) : null
  return newEntry(notification, targets, at, notBefore)
}

function leftToInstaller(channel: ChannelConfig, place: number): Delivery {
  const reason = 'the installer tells of crashes that come together, or again'
  return { channel: channelName(channel, place), outcome: 'skipped', reason }
}

/**
 * Leaves in the outbox which destinations may hear of it later. Not if the installer was quicker, and took it
 * over.
 */
async function acknowledge(
  entry: OutboxEntry,
  deliveries: readonly Delivery[],
  { config, outbox }: Journal,
): Promise<void> {
  const found = await outbox.read(entry.notice.report.id)
  if (found === null || typeof found === 'string' || found.attempts > 0) return
  const owed = new Set<Target>(
    config.notice.channels.filter((_, at) => isOwed(deliveries[at])).map(channelTarget),
  )
  const pending = entry.pending.filter(target => !isChannel(target) || owed.has(target))
  await outbox.write({ ...entry, pending, notBefore: null })
}

function isOwed(delivery: Delivery | undefined): boolean {
  return delivery?.outcome === 'failed' && delivery.retryAfterSeconds !== undefined
}

/** Whether it went well. Without a journal people are told all the same. */
async function safely({ log }: Journal, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (cause) {
    const hint = cause instanceof OperatorError ? { hint: cause.hint } : {}
    log.error({ reason: messageOf(cause), ...hint }, 'notice not journalled')
    return false
  }
}
