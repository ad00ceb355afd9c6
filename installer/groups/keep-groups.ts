import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { messageOf, reasonOf } from '../../crash/errors.ts'
import { keySegment } from '../../crash/object-key.ts'
import { GroupNotes } from '../../handoff/group-notes.ts'
import type { Host } from '../../handoff/host.ts'
import { newEntry } from '../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { downloadWay, inWay } from '../../notify/download-way.ts'
import type { Notification } from '../../notify/notification.ts'
import { targetsOf } from '../../notify/routing.ts'
import { anySignal } from '../../time/any-signal.ts'
import { tickEvery } from '../../time/ticker.ts'
import { openHostStore } from '../supply/host-store.ts'
import { countNotes } from './count-notes.ts'
import { CurrentTotals } from './current-totals.ts'
import type { GroupTotals } from './group-totals.ts'
import { totalsFile } from './groups-here.ts'
import { GroupNotifier } from './notifier.ts'
import { notifyPauseSeconds } from './notify-pause.ts'
import { sendCounts } from './send-counts.ts'
import { settleEntries } from './settle-entries.ts'

/** As the API server's Lease: one in the cluster has it. */
export interface OneForAll {
  /** `null`: we do not have it. */
  readonly held: { readonly signal: AbortSignal } | null
  /** `null`: another one has it, or may have. Rejects if the API server refuses, or is away. */
  tryHold(): Promise<{ readonly signal: AbortSignal } | null>
}

interface GroupsOptions {
  readonly config: Config
  readonly host: Host
  readonly nodeName: string
  /** Empty: it has no name. */
  readonly clusterName: () => string
  /** `null`: there is no Kubernetes, and each node tells of its own crashes. */
  readonly lease: OneForAll | null
  /** Whether coredog-api serves the crashes of the cluster. */
  readonly hasApi: () => boolean
  readonly log: Logger
}

const ROUND_SECONDS = 10

/**
 * Until `signal` aborts: counts, with all other nodes, the crashes of groups, finds out who tells people of them, and
 * tells of all, if that is us.
 */
export async function keepGroups(options: GroupsOptions, signal: AbortSignal): Promise<void> {
  const rounds = new Rounds(options, signal)
  for await (const _ of tickEvery(ROUND_SECONDS, signal)) await rounds.next()
}

class Rounds {
  readonly #options: GroupsOptions
  readonly #signal: AbortSignal
  readonly #notes: GroupNotes
  readonly #totals: CurrentTotals
  readonly #outbox: OutboxFolder
  readonly #settled = new Set<string>()
  readonly #store: ReturnType<typeof openHostStore>
  readonly #notifier: GroupNotifier
  #notifiedAtMs = Number.NEGATIVE_INFINITY
  /** Of all groups, as listed last. */
  #names = 0
  #toldFault = ''

  constructor(options: GroupsOptions, signal: AbortSignal) {
    const { config, host, nodeName, clusterName, log } = options
    this.#options = options
    this.#signal = signal
    this.#notes = new GroupNotes(this.#inState('groups'))
    this.#totals = new CurrentTotals(totalsFile(host, config.paths.state))
    this.#outbox = new OutboxFolder(this.#inState('outbox'))
    this.#store = openHostStore(host, config)
    this.#notifier = new GroupNotifier({
      store: this.#store,
      storeDir: config.storage.storeDir,
      clusterName,
      node: nodeName,
      isToldOf: async id => (await this.#outbox.read(id)) !== null,
      tell: notification => this.#tell(notification),
      now: () => new Date(),
      log,
    })
  }

  async next(): Promise<void> {
    await this.#safely('groups not counted', () => this.#totals.use(totals => this.#count(totals)))
    await this.#safely('groups not told of', () => this.#notify())
  }

  async #count(totals: GroupTotals): Promise<void> {
    const { nodeName, log } = this.#options
    const now = () => new Date()
    await countNotes(this.#notes, totals, now())
    const sending = { store: this.#store, node: keySegment(nodeName), now, random: Math.random, log }
    // Who has just counted something sees to it that somebody tells of it.
    if ((await sendCounts(totals, sending)) > 0) await this.#isSomebodyThere()
    const settling = {
      store: this.#store,
      node: nodeName,
      isCounted: (group: string) => totals.has(group),
      isSomebodyThere: () => this.#isSomebodyThere(),
      now,
      log,
    }
    await settleEntries(this.#outbox, settling, this.#settled)
  }

  async #notify(): Promise<void> {
    const held = this.#options.lease?.held ?? null
    const nowMs = performance.now()
    if (held === null || nowMs - this.#notifiedAtMs < notifyPauseSeconds(this.#names) * 1000) return
    this.#notifiedAtMs = nowMs
    this.#names = await this.#notifier.round(anySignal([this.#signal, held.signal]))
  }

  /** Us, or another one. While the API server is away, each node tells of its own. */
  async #isSomebodyThere(): Promise<boolean> {
    const { lease, log } = this.#options
    if (lease === null) return false
    try {
      await lease.tryHold()
      return true
    } catch (cause) {
      log.debug({ reason: messageOf(cause) }, 'it is not known who tells of groups')
      return false
    }
  }

  async #tell(notification: Notification): Promise<void> {
    const { config, hasApi } = this.#options
    const told = inWay(notification, downloadWay(config.notice.downloadLink, hasApi()))
    const targets = targetsOf(config, told)
    if (targets.length > 0) await this.#outbox.add(newEntry(told, targets, new Date(), null))
  }

  async #safely(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const fault = reasonOf(cause)
      if (fault.reason !== this.#toldFault) this.#options.log.warn(fault, what)
      this.#toldFault = fault.reason
    }
  }

  #inState(name: string): string {
    const { config, host } = this.#options
    return host.path(path.posix.join(config.paths.state, name))
  }
}
