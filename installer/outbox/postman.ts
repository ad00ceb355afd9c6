import { reasonOf } from '../../crash/errors.ts'
import { LeftAlone } from '../../handoff/left-alone.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Target } from '../../notify/target.ts'
import { type Pause, pause } from '../../time/pause.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type Burst, burstAmong, deliverBatch } from './burst.ts'
import { type Delivering, deliverEntry, isDue, isTooOld } from './delivery.ts'

export interface PostmanOptions extends Delivering {
  readonly metrics: Pick<Metrics, 'countDelivery' | 'setOutboxEntries'>
  readonly pause?: Pause
}

const LOOK_SECONDS = 1
const TIDY_SECONDS = 3600
const FAULT_SECONDS = 60
const AT_ONCE = 4

/**
 * Takes what is due from the outbox, the oldest first, to the destinations that wait for it, a few entries at
 * once.
 */
export class Postman {
  readonly #options: PostmanOptions
  readonly #signal: AbortSignal
  readonly #leftAlone: LeftAlone
  readonly #busy = new Map<string, Promise<void>>()
  /**
   * Until when entries rest, in milliseconds. They are ours by now: no other process makes them due earlier.
   */
  readonly #resting = new Map<string, number>()
  #queue: string[] = []
  /** Entries of bursts are busy, and do not count. */
  #underWay = 0
  /** Channels that are told of many crashes together. */
  #held: ReadonlySet<Target> = new Set()
  /** Those of them that are told just now. */
  #telling: ReadonlySet<Target> = new Set()
  #tidyAtMs = 0
  #toldFault = ''

  constructor(options: PostmanOptions, signal: AbortSignal) {
    this.#options = options
    this.#leftAlone = new LeftAlone(options.log)
    this.#signal = signal
  }

  /** Until the signal aborts, and what is under way has ended. */
  async work(): Promise<void> {
    const wait = this.#options.pause ?? pause
    while (!this.#signal.aborted) {
      await this.#safely(() => this.#look())
      await wait(LOOK_SECONDS, this.#signal)
    }
    await Promise.all(this.#busy.values())
  }

  async #look(): Promise<void> {
    const { outbox, metrics } = this.#options
    const ids = new Set(await outbox.ids())
    metrics.setOutboxEntries(ids.size)
    for (const id of this.#resting.keys()) if (!ids.has(id)) this.#resting.delete(id)
    // As it is now: what we find meanwhile came while these were told.
    const telling = this.#telling
    const waiting = await this.#waiting(ids)
    this.#beginBurst(burstAmong(waiting, this.#options.destinationOf, this.#options.now()), telling)
    this.#queue = waiting
      .filter(entry => this.#isForNow(entry))
      .toSorted(byAge)
      .map(({ notice: notification }) => notification.report.id)
    this.#refill()
    await this.#tidy()
  }

  #isForNow(entry: OutboxEntry): boolean {
    const now = this.#options.now()
    if (this.#busy.has(entry.notice.report.id) || !isDue(entry, now)) return false
    return isTooOld(entry, now) || !entry.pending.every(target => this.#held.has(target))
  }

  /** What is ours and not under way. Those that rest are read only when others are due: it may be a burst. */
  async #waiting(ids: ReadonlySet<string>): Promise<readonly OutboxEntry[]> {
    const idle = [...ids].filter(id => !this.#busy.has(id))
    if (!idle.some(id => this.#mayBeDue(id))) return []
    const entries: OutboxEntry[] = []
    for (const id of idle) {
      const entry = await this.#read(id)
      if (entry !== null && (entry.attempts > 0 || isDue(entry, this.#options.now()))) entries.push(entry)
    }
    return entries
  }

  /** What comes while a burst is told of waits for the next one. */
  #beginBurst(burst: Burst, telling: ReadonlySet<Target>): void {
    this.#held = new Set([...burst.held, ...telling])
    if (burst.ripe.size === 0 || this.#telling.size > 0) return
    this.#telling = new Set(burst.ripe.keys())
    const ids = new Set(
      [...burst.ripe.values()].flat().map(({ notice: notification }) => notification.report.id),
    )
    const work = this.#deliverBatch(burst, ids).finally(() => {
      this.#telling = new Set()
      for (const id of ids) this.#busy.delete(id)
    })
    for (const id of ids) this.#busy.set(id, work)
  }

  #mayBeDue(id: string): boolean {
    return (this.#resting.get(id) ?? 0) <= this.#nowMs()
  }

  async #read(id: string): Promise<OutboxEntry | null> {
    const entry = await this.#options.outbox.read(id)
    if (entry === 'unreadable')
      this.#options.log.error({ crash: id }, 'outbox entry put aside: it cannot be read')
    if (entry === 'another version') this.#leftAlone.tell(this.#options.outbox.file(id))
    return typeof entry === 'string' ? null : entry
  }

  #refill(): void {
    while (this.#underWay < AT_ONCE && !this.#signal.aborted) {
      const id = this.#queue.shift()
      if (id === undefined) return
      this.#underWay += 1
      const work = this.#deliver(id).finally(() => {
        this.#underWay -= 1
        this.#busy.delete(id)
        this.#refill()
      })
      this.#busy.set(id, work)
    }
  }

  async #deliver(id: string): Promise<void> {
    this.#resting.set(id, this.#nowMs() + FAULT_SECONDS * 1000)
    await this.#safely(async () => {
      const entry = await this.#read(id)
      if (entry === null || !isDue(entry, this.#options.now())) return
      const left = await deliverEntry(entry, this.#options, this.#signal, this.#held)
      this.#resting.set(id, Date.parse(left.notBefore ?? ''))
    })
  }

  async #deliverBatch(burst: Burst, ids: ReadonlySet<string>): Promise<void> {
    for (const id of ids) this.#resting.set(id, this.#nowMs() + FAULT_SECONDS * 1000)
    await this.#safely(async () => {
      for (const { notice: notification, notBefore } of await deliverBatch(
        burst,
        this.#options,
        this.#signal,
      ))
        this.#resting.set(notification.report.id, Date.parse(notBefore ?? ''))
    })
  }

  async #tidy(): Promise<void> {
    if (this.#nowMs() < this.#tidyAtMs) return
    this.#tidyAtMs = this.#nowMs() + TIDY_SECONDS * 1000
    await this.#options.outbox.tidy(this.#options.now())
  }

  /** A disk that fails does so every second, and is told once. */
  async #safely(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const fault = reasonOf(error)
      if (fault.reason !== this.#toldFault) this.#options.log.error(fault, 'outbox not worked on')
      this.#toldFault = fault.reason
    }
  }

  #nowMs(): number {
    return this.#options.now().getTime()
  }
}

function byAge(one: OutboxEntry, other: OutboxEntry): number {
  return Date.parse(one.firstAt) - Date.parse(other.firstAt)
}
