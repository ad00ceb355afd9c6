import type { Logger } from 'pino'
import { clusterSegment } from '../../crash/binary-key.ts'
import { reasonOf } from '../../crash/errors.ts'
import { GROUPS } from '../../crash/group-key.ts'
import { CrashGroup, type GroupStore } from '../../groups/crash-group.ts'
import type { GroupSummary } from '../../groups/group-summary.ts'
import { groupsAmong, type ListedGroup, lastCountedMs } from '../../groups/listed-group.ts'
import { type NextStep, nextStep } from '../../groups/next-step.ts'
import type { Notification } from '../../notify/notification.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { groupNotification } from './group-notification.ts'
import { isWon, OwedMessages } from './owed-messages.ts'

/** Whom a notifier asks and tells. */
export interface Notifying {
  readonly store: GroupStore & Pick<ObjectStore, 'location'>
  readonly storeDir: string
  /** Empty: it has no name. */
  readonly clusterName: () => string
  readonly node: string
  /** Whether the crash of that id is just being told of: then its group has to wait, for the outbox goes by ids. */
  readonly isToldOf: (id: string) => Promise<boolean>
  /** Has people told. Rejects where it cannot be written down. */
  readonly tell: (notification: Notification) => Promise<void>
  readonly now: () => Date
  readonly log: Logger
}

/**
 * Tells people, for all nodes of a cluster, what came of each group since its first message, as often as
 * `update-schedule.ts` says. One in the cluster does it; two do no harm, for each message is told by who claims it.
 */
export class GroupNotifier {
  readonly #notifying: Notifying
  /** When a node counted last, of groups of which nothing was to be told then: in milliseconds. */
  readonly #unchanged = new Map<string, number>()
  readonly #owed = new OwedMessages()
  /** Groups of which the log says that none of their crashes has a report. */
  readonly #unreported = new Set<string>()

  constructor(notifying: Notifying) {
    this.#notifying = notifying
  }

  /** One round. Resolves with how many names were listed for it. Rejects where the store cannot be listed. */
  async round(signal: AbortSignal): Promise<number> {
    const { store, clusterName, log } = this.#notifying
    const owing = new Set<string>()
    let names = 0
    const objects = store.list(`${GROUPS}/${clusterSegment(clusterName())}/`)
    const counted = counting(objects, () => {
      names += 1
    })
    for await (const group of groupsAmong(counted)) {
      if (signal.aborted) return names
      // What is wrong with one group keeps nobody from hearing of the others.
      await this.#step(group, signal).catch((cause: unknown) =>
        log.warn({ group: group.folder, ...reasonOf(cause) }, 'group not told of'),
      )
      if (this.#owed.of(group.folder) !== undefined) owing.add(group.folder)
    }
    this.#owed.settleAllBut(owing)
    return names
  }

  async #step(group: ListedGroup, signal: AbortSignal): Promise<void> {
    if (await this.#tellOwed(group, signal)) return
    const step = nextStep(group, this.#notifying.now())
    if (step.do === 'update') await this.#update(group, step, signal)
    if (step.do === 'end') await this.#end(group, step.after, signal)
    if (step.do === 'forget') await this.#forget(group)
  }

  async #update(
    listed: ListedGroup,
    { update, after }: Extract<NextStep, { do: 'update' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const newest = lastCountedMs(listed)
    if (this.#unchanged.get(listed.folder) === newest || (await this.#isMuted(listed, signal))) return
    const since = await this.#since(listed, after, signal)
    if (since === null || since.summary.crashes <= since.toldBefore) {
      this.#unchanged.set(listed.folder, newest)
      return
    }
    const told = await this.#tell(listed, update, since, signal)
    if (told === 'no report') this.#unchanged.set(listed.folder, newest)
  }

  async #end(listed: ListedGroup, after: number, signal: AbortSignal): Promise<void> {
    // Also where nobody is told: what handlers say of the next crash is by this.
    const since = await this.#since(listed, after, signal)
    const isTold = after > 0 && since !== null && !(await this.#isMuted(listed, signal))
    if (isTold && (await this.#tell(listed, 'quiet', since, signal)) === 'later') return
    await this.#forget(listed)
  }

  /** What was told of it: the next crash is news. The first is first, so that who comes meanwhile is told twice, not never. */
  async #forget({ folder, told, quietAt }: ListedGroup): Promise<void> {
    const group = new CrashGroup(this.#notifying.store, folder)
    for (const update of [...told.keys()].sort((a, b) => a - b)) await group.remove({ what: 'told', update })
    if (quietAt !== null || told.size > 1) await group.remove({ what: 'quiet' })
    this.#unchanged.delete(folder)
    this.#unreported.delete(folder)
  }

  async #isMuted({ folder, hasMute }: ListedGroup, signal: AbortSignal): Promise<boolean> {
    const { store, now } = this.#notifying
    return hasMute && (await new CrashGroup(store, folder).isMuted(now(), signal))
  }

  /** `null`: it cannot be read what was told first, or what nodes count. */
  async #since({ folder, seen }: ListedGroup, after: number, signal: AbortSignal): Promise<Since | null> {
    const group = new CrashGroup(this.#notifying.store, folder)
    const first = await group.told(0, signal)
    const last = after === 0 ? first : await group.told(after, signal)
    const summary = await group.summarise([...seen.keys()], signal)
    if (first === null || summary === null) return null
    return { at: first.time, crashes: first.crashes, toldBefore: last?.crashes ?? first.crashes, summary }
  }

  async #tell(
    { folder }: ListedGroup,
    update: number | 'quiet',
    { at, crashes, summary }: Since,
    signal: AbortSignal,
  ): Promise<'done' | 'later' | 'no report'> {
    const { store, storeDir, clusterName, node, isToldOf, now, tell, log } = this.#notifying
    const bucket = { store, storeDir, cluster: clusterName() }
    const notification = await groupNotification(bucket, folder, summary, {
      crashes: Math.max(0, summary.crashes - crashes),
      since: at.toISOString(),
      now: now().toISOString(),
      ...{ nodes: summary.nodes, pods: summary.pods, images: summary.images },
      isOver: update === 'quiet',
    })
    if (notification === null) {
      if (!this.#unreported.has(folder))
        log.warn({ group: folder }, 'group not told of: none of its crashes has a report')
      this.#unreported.add(folder)
      return 'no report'
    }
    this.#unreported.delete(folder)
    if (this.#owed.isFull || (await isToldOf(notification.report.id))) return 'later'
    const record = { id: notification.report.id, node, time: now(), crashes: summary.crashes }
    this.#owed.add(folder, { update, record, notification })
    const claim = await new CrashGroup(store, folder).claim(update, record, signal)
    if (claim === 'won') await tell(notification)
    this.#owed.settle(folder)
    return 'done'
  }

  /** Resolves with whether the group had a message that was owed, and is told now or has to wait. */
  async #tellOwed({ folder }: ListedGroup, signal: AbortSignal): Promise<boolean> {
    const { store, isToldOf, tell } = this.#notifying
    const owed = this.#owed.of(folder)
    if (owed === undefined) return false
    const isOurs = await isWon(new CrashGroup(store, folder), owed, signal)
    if (isOurs && (await isToldOf(owed.notification.report.id))) return true
    if (isOurs) await tell(owed.notification)
    this.#owed.settle(folder)
    return isOurs
  }
}

async function* counting<T>(all: AsyncIterable<T>, onOne: () => void): AsyncGenerator<T> {
  for await (const one of all) {
    onOne()
    yield one
  }
}

/** How a group stands since its first message. */
interface Since {
  readonly at: Date
  /** That it had then. */
  readonly crashes: number
  /** That the last message told of. */
  readonly toldBefore: number
  readonly summary: GroupSummary
}
