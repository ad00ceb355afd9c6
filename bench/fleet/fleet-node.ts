import type { Logger } from 'pino'
import { keySegment } from '../../crash/object-key.ts'
import { claimFirst } from '../../groups/claim-first.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import { encodePlace } from '../../groups/place-record.ts'
import { type KnownWindow, PlaceQuestion } from '../../groups/take-place.ts'
import type { GroupEntry, Occurred } from '../../handoff/group-file.ts'
import type { GroupNote } from '../../handoff/group-note.ts'
import { type GroupRule, isOver, standingOf } from '../../handoff/group-standing.ts'
import { newEntry, type OutboxEntry } from '../../handoff/outbox-entry.ts'
import {
  asTried,
  counted,
  type GroupTotal,
  goingOn,
  isDue,
  nodeCountOf,
} from '../../installer/groups/group-total.ts'
import { GroupNotifier } from '../../installer/groups/notifier.ts'
import { notifyPauseSeconds } from '../../installer/groups/notify-pause.ts'
import { resolved } from '../../installer/groups/settle.ts'
import { ChatTurns } from '../../installer/outbox/chat-turns.ts'
import { isUnsettled } from '../../installer/outbox/unsettled.ts'
import { Lease } from '../../kube/lease.ts'
import type { FleetBucket } from './fleet-bucket.ts'
import type { FleetClock } from './fleet-clock.ts'
import type { LeaseServer } from './lease-server.ts'

/** What a core is to its handler. */
export interface FleetCore {
  /** Whether its process is held for longer than a question may take: its upload begins before an answer comes late. */
  readonly isLarge: boolean
  readonly storedAfterSeconds: number
  /** Of its upload. */
  readonly puts: number
}

/** What all nodes share. */
export interface Fleet {
  readonly clock: FleetClock
  readonly bucket: FleetBucket
  readonly leases: LeaseServer
  readonly scope: 'cluster' | 'node'
  readonly core: FleetCore
  readonly random: () => number
  readonly log: Logger
  /** Someone has told people. */
  readonly onMessage: () => void
  readonly onCore: () => void
}

/** The group of whose crashes all this is. */
export const CLUSTER = 'prod'
export const GROUP = `_groups/${CLUSTER}/shop/Deployment.checkout/${'0'.repeat(32)}`

/** `dedupe.window` and `dedupe.keep`. */
const RULE: GroupRule = { windowSeconds: 300, keep: 1 }
/** As handler/deduplicate keeps them. */
const REPORTS: Readonly<Record<Fleet['scope'], GroupRule>> = {
  node: { windowSeconds: 3600, keep: 10 },
  cluster: { windowSeconds: 3600, keep: 5 },
}
/** Two names in the index, the log of the container, and the report itself. */
const PUTS_OF_A_REPORT = 4
const ROUND_MS = 10_000
/** As handler/deduplicate/question-time.ts. */
const HELD_MS = 300
const QUESTION_MS = 5000
const ASK_SECONDS = 1800
const BOT = { kind: 'wechat', webhookUrl: 'https://chat.example/bot' } as const
const CHAT = `channel:${'0'.repeat(32)}` as const

/** Handler and installer of one node, by the modules of which both are made. */
export class FleetNode {
  readonly name: string
  readonly #fleet: Fleet
  readonly #phaseMs: number
  #entries: readonly GroupEntry[] = []
  #reports: readonly GroupEntry[] = []
  #word: string | null = null
  #known: KnownWindow | null = null
  #notes: GroupNote[] = []
  #taken: readonly GroupNote[] = []
  #total: GroupTotal | null = null
  #outbox: readonly OutboxEntry[] = []
  #roundAtMs: number | null = null
  #lease: Lease
  readonly #turns: ChatTurns
  /** Aborts when it is killed. */
  #installer = new AbortController()
  #isNotifying = false

  constructor(name: string, fleet: Fleet) {
    this.name = name
    this.#fleet = fleet
    this.#phaseMs = Math.floor(fleet.random() * ROUND_MS)
    this.#lease = this.#newLease(0)
    const { bucket: store, scope, clock, random, log } = fleet
    const isOn = async () => scope === 'cluster'
    this.#turns = new ChatTurns({ store, isOn, now: () => clock.date, clock, random, ours: new Map(), log })
  }

  /** What its installer does also where nothing crashes. */
  begin(): void {
    this.#askLater(ASK_SECONDS * (0.5 + this.#fleet.random() / 2))
  }

  /** Its installer is killed, and another one begins: what it had in memory is gone. */
  kill(again: number): void {
    this.#installer.abort()
    this.#installer = new AbortController()
    this.#isNotifying = false
    this.#lease = this.#newLease(again)
  }

  get holds(): boolean {
    return this.#lease.held !== null
  }

  async crash(id: string, pod: string): Promise<void> {
    const own = { id, time: this.#fleet.clock.date }
    const { keeps, place } = await this.#judge(own)
    if (keeps) return this.#keep(own, pod, place)
    const hasReport = this.#isReported(own)
    const folder = hasReport && (await this.#report(own, pod))
    if (hasReport || this.#word === null) this.#word = id
    this.#count(own, pod, folder || null)
  }

  /** As handler/deduplicate: first by what the node knows itself, then by the places of the cluster. */
  async #judge(own: Occurred): Promise<{ readonly keeps: boolean; readonly place: string | null }> {
    this.#enter(own)
    if (standingOf(this.#entries, RULE).admissions.get(own.id)?.keep === false)
      return { keeps: false, place: null }
    if (this.#fleet.scope === 'node') return { keeps: true, place: null }
    const place = await this.#place(own)
    if (place === 'full') this.#entries = [...this.#entries, { what: 'elsewhere', id: own.id }]
    return place === 'full' ? { keeps: false, place: null } : { keeps: true, place }
  }

  #enter(own: Occurred): void {
    const first = this.#entries.find(entry => entry.what === 'came')
    const isPast = first !== undefined && isOver(first.time, own.time, RULE.windowSeconds)
    this.#entries = [...(isPast ? [] : this.#entries), { what: 'came', ...own }]
  }

  /** `null`: no answer came, so it is kept. */
  async #place({ id, time }: Occurred): Promise<string | null> {
    const { bucket, core } = this.#fleet
    const question = new PlaceQuestion(bucket, {
      folder: GROUP,
      body: encodePlace({ id, node: this.name, time: time.toISOString(), core: `shop/x/app/${id}/core.gz` }),
      rule: RULE,
      now: Math.floor(time.getTime() / 1000),
      known: this.#known,
      signal: this.#installer.signal,
    })
    try {
      const { found, tookMs } = await bucket.within(QUESTION_MS, () => question.ask())
      this.#known = found.known
      if (found.outcome !== 'full') return found.place
      // At the most: what was begun is given up.
      if (core.isLarge && tookMs > HELD_MS) await this.#puts(core.puts)
      return 'full'
    } catch {
      return null
    }
  }

  #keep(own: Occurred, pod: string, place: string | null): void {
    const { clock, core, onCore } = this.#fleet
    if (place !== null) this.#entries = [...this.#entries, { what: 'place', id: own.id, key: place }]
    onCore()
    clock.at(clock.now() + core.storedAfterSeconds * 1000, async () => {
      await this.#puts(core.puts)
      this.#isReported(own)
      const folder = await this.#report(own, pod)
      if (this.#fleet.scope === 'node') return this.#fleet.onMessage()
      this.#count(own, pod, folder)
      await this.#tell(own)
    })
  }

  async #tell(own: Occurred): Promise<void> {
    const { bucket, clock, onMessage } = this.#fleet
    const record = { id: own.id, node: this.name, time: clock.date }
    const signal = this.#installer.signal
    const claim = await claimFirst(new CrashGroup(bucket, GROUP), record, signal).catch(() => null)
    if (claim === null || claim.told === 'first') return onMessage()
    this.#leave(own.id)
  }

  #isReported(own: Occurred): boolean {
    const rule = REPORTS[this.#fleet.scope]
    const first = this.#reports.find(entry => entry.what === 'came')
    const isPast = first !== undefined && isOver(first.time, own.time, rule.windowSeconds)
    this.#reports = [...(isPast ? [] : this.#reports), { what: 'came', ...own }]
    return standingOf(this.#reports, rule).admissions.get(own.id)?.keep === true
  }

  /** What the store does not take waits in the spool. */
  async #report({ id, time }: Occurred, pod: string): Promise<string> {
    const compact = `${time.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
    const folder = `shop/${pod}/app/${compact}-checkout-7-${id}`
    await this.#puts(PUTS_OF_A_REPORT - 1)
    await this.#fleet.bucket.putReport(folder).catch(() => undefined)
    return folder
  }

  async #puts(count: number): Promise<void> {
    for (let put = 0; put < count; put += 1) await this.#fleet.bucket.putAway().catch(() => undefined)
  }

  #count({ id, time }: Occurred, pod: string, folder: string | null): void {
    if (this.#fleet.scope === 'cluster') {
      const image = 'registry.example/checkout:1.4.2'
      this.#notes.push({ group: GROUP, id, time, pod, image, ...(folder !== null && { folder }) })
    }
    this.#roundSoon()
  }

  #leave(id: string): void {
    const notice = {
      outcome: 'suppressed',
      report: { schema: 'coredog.io/report/v1', id },
      group: GROUP,
      link: null,
      corefilePath: '',
    } as const
    this.#outbox = [...this.#outbox, newEntry(notice, [CHAT], this.#fleet.clock.date, null)]
    this.#roundSoon()
  }

  #roundSoon(): void {
    this.#roundAfter(0)
  }

  /** In the first round after now that is not before `dueMs`. */
  #roundAfter(dueMs: number): void {
    const fromMs = Math.max(dueMs, this.#fleet.clock.now() + 1) - this.#phaseMs
    this.#roundAt(Math.ceil(fromMs / ROUND_MS) * ROUND_MS + this.#phaseMs)
  }

  /** Rounds in which there is nothing to do are left out. */
  #roundAt(atMs: number): void {
    if (this.#roundAtMs !== null && this.#roundAtMs <= atMs) return
    this.#roundAtMs = atMs
    this.#fleet.clock.at(atMs, async () => {
      if (this.#roundAtMs !== atMs) return
      this.#roundAtMs = null
      await this.#round()
    })
  }

  async #round(): Promise<void> {
    this.#close()
    for (const note of this.#taken) this.#total = counted(this.#total, note)
    this.#taken = this.#notes
    this.#notes = []
    if (await this.#sendCount()) await this.#isSomebodyThere()
    await this.#settle()
    this.#nextRound()
  }

  #nextRound(): void {
    const total = this.#total
    if (this.#taken.length > 0 || this.#outbox.length > 0) this.#roundSoon()
    if (total !== null && total.crashes !== total.sent?.crashes)
      this.#roundAfter((total.sent?.at.getTime() ?? 0) + (total.sent?.pauseSeconds ?? 0) * 1000)
    const [first] = this.#entries
    if (this.#word !== null && first?.what === 'came')
      this.#roundAfter(first.time.getTime() + RULE.windowSeconds * 1000)
  }

  /** As installer/outbox/closed-groups.ts. */
  #close(): void {
    const { since, suppressed } = standingOf(this.#entries, RULE)
    if (this.#word === null || since === null) return
    if (suppressed === 0) this.#word = null
    else if (isOver(since, this.#fleet.clock.date, RULE.windowSeconds)) {
      if (this.#fleet.scope === 'node') this.#fleet.onMessage()
      else this.#leave(this.#word)
      this.#word = null
      this.#entries = []
    }
  }

  async #sendCount(): Promise<boolean> {
    const { clock, random } = this.#fleet
    const total = this.#total
    if (total === null || !isDue(total, clock.date)) return false
    const { now, isTaken } = await this.#putCount(total)
    this.#total = asTried(now, isTaken, clock.date, random())
    return isTaken
  }

  /** As installer/groups/send-counts.ts. */
  async #putCount(total: GroupTotal): Promise<{ readonly now: GroupTotal; readonly isTaken: boolean }> {
    const { clock, bucket } = this.#fleet
    const group = new CrashGroup(bucket, GROUP)
    const node = keySegment(this.name)
    let now = total
    try {
      if (now.node !== node)
        now = goingOn(now, await group.count(node, this.#installer.signal), node, clock.date)
      await group.putCount(node, nodeCountOf(now))
      return { now, isTaken: true }
    } catch {
      return { now, isTaken: false }
    }
  }

  async #settle(): Promise<void> {
    const { bucket, clock, log } = this.#fleet
    const settling = {
      ...{ store: bucket, node: this.name, log },
      isCounted: () => this.#total !== null,
      isSomebodyThere: () => this.#isSomebodyThere(),
      now: () => clock.date,
    }
    const left: OutboxEntry[] = []
    for (const entry of this.#outbox) {
      const known = isUnsettled(entry, clock.date) ? await resolved(entry, settling) : entry
      if (known === null) left.push(entry)
      else if (known.pending.length > 0) await this.#deliver()
    }
    this.#outbox = left
  }

  /** As installer/outbox/chat.ts: in a turn of the bot. */
  async #deliver(): Promise<void> {
    const { clock, onMessage } = this.#fleet
    const seconds = await this.#turns.secondsTo(BOT)
    if (seconds === 0) onMessage()
    else clock.at(clock.now() + seconds * 1000, () => this.#deliver())
  }

  async #isSomebodyThere(): Promise<boolean> {
    if ((await this.#lease.tryHold().catch(() => null)) !== null) this.#notify()
    return true
  }

  /** Who has the Lease tells of groups. */
  #notify(): void {
    if (this.#isNotifying) return
    this.#isNotifying = true
    const { signal } = this.#installer
    const { clock } = this.#fleet
    const notifier = this.#newNotifier()
    const round = async () => {
      if (signal.aborted) return
      if (this.#lease.held === null) {
        this.#isNotifying = false
        return
      }
      const names = await notifier.round(signal).catch(() => 0)
      clock.at(clock.now() + notifyPauseSeconds(names) * 1000, round)
    }
    clock.at(clock.now(), round)
  }

  #newNotifier(): GroupNotifier {
    const { bucket, clock, log } = this.#fleet
    return new GroupNotifier({
      ...{ store: bucket, storeDir: '', clusterName: () => CLUSTER, node: this.name, log },
      isToldOf: async id => this.#outbox.some(({ notice }) => notice.report.id === id),
      tell: () => this.#deliver(),
      now: () => clock.date,
    })
  }

  #newLease(again: number): Lease {
    const { leases, clock } = this.#fleet
    const name = { namespace: 'coredog', name: 'coredog-upkeep', holder: `${this.name}_${again}` }
    const isKilled = this.#installer.signal
    const kube = leases.kubeUntil(isKilled)
    return new Lease(kube, name, { clock })
  }

  #askLater(seconds: number): void {
    const { clock, random } = this.#fleet
    clock.at(clock.now() + seconds * 1000, async () => {
      await this.#isSomebodyThere()
      this.#askLater(ASK_SECONDS * (0.5 + random()))
    })
  }
}
