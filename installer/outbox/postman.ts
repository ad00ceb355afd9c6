import { reasonOf } from '../../crash/errors.ts'
import type { Target } from '../../notify/target.ts'
import { type Pause, pause } from '../../time/pause.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { deliverBatches } from './batch-delivery.ts'
import { type Delivering, deliverEntry, isDue } from './delivery.ts'
import { type Clearing, makeRoom } from './make-room.ts'
import { OutboxReader } from './outbox-reader.ts'
import { crashOf, type Schedule, schedule } from './schedule.ts'

export interface PostmanOptions extends Delivering, Pick<Clearing, 'mostKept'> {
  readonly metrics: Pick<Metrics, 'countDelivery' | 'setOutbox'>
  readonly pause?: Pause
}

const LOOK_SECONDS = 1
const TIDY_SECONDS = 3600
const FAULT_SECONDS = 60
const AT_ONCE = 4

/**
 * Takes what is due from the outbox to the destinations that wait for it, a few at once, as {@link schedule}
 * says.
 */
export class Postman {
  readonly #options: PostmanOptions
  readonly #signal: AbortSignal
  readonly #reader: OutboxReader
  /** What is under way, by crash. */
  readonly #busy = new Map<string, Promise<void>>()
  /** How much of it is no batch. */
  #singlesUnderWay = 0
  #singles: string[] = []
  #held: Schedule['held'] = new Set()
  /** Channels that are told of a burst just now. */
  #telling: ReadonlySet<Target> = new Set()
  #tidyAtMs = 0
  #toldFault = ''

  constructor(options: PostmanOptions, signal: AbortSignal) {
    this.#options = options
    this.#reader = new OutboxReader(options)
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

  /** Until nothing is due that was not tried, or the signal aborts, and what is under way has ended. */
  async drain(): Promise<void> {
    const wait = this.#options.pause ?? pause
    while (!this.#signal.aborted) {
      let isDone = true
      await this.#safely(async () => {
        isDone = !(await this.#look())
      })
      if (isDone && this.#busy.size === 0) break
      await wait(LOOK_SECONDS, this.#signal)
    }
    await Promise.all(this.#busy.values())
  }

  /** Resolves with whether something of it is due. */
  async #look(): Promise<boolean> {
    const { metrics, destinationOf, now } = this.#options
    const ids = await this.#reader.ids()
    const told = this.#telling
    const read = await this.#reader.entries(ids.filter(id => !this.#busy.has(id)))
    const entries = await makeRoom(read, this.#options)
    metrics.setOutbox({ entries: ids.length, oldest: this.#reader.oldest() })
    const state = { busy: this.#busy, told, isTelling: this.#telling.size > 0, destinationOf }
    this.#begin(schedule(state, entries, now()))
    await this.#tidy()
    return entries.some(entry => isDue(entry, now()))
  }

  #begin({ held, batches, singles }: Schedule): void {
    this.#held = held
    this.#singles = [...singles]
    if (batches.size > 0) this.#beginBatches(batches)
    this.#refill()
  }

  #beginBatches(batches: Schedule['batches']): void {
    const ids = new Set([...batches.values()].flat().map(crashOf))
    this.#telling = new Set(batches.keys())
    const work = this.#deliverBatches(batches, ids).finally(() => {
      this.#telling = new Set()
      for (const id of ids) this.#busy.delete(id)
    })
    for (const id of ids) this.#busy.set(id, work)
  }

  #refill(): void {
    while (this.#singlesUnderWay < AT_ONCE && !this.#signal.aborted) {
      const id = this.#singles.shift()
      if (id === undefined) return
      this.#singlesUnderWay += 1
      const work = this.#deliver(id).finally(() => {
        this.#singlesUnderWay -= 1
        this.#busy.delete(id)
        this.#refill()
      })
      this.#busy.set(id, work)
    }
  }

  async #deliver(id: string): Promise<void> {
    this.#reader.rest(id, this.#nowMs() + FAULT_SECONDS * 1000)
    await this.#safely(async () => {
      const entry = await this.#reader.entry(id)
      if (entry === null || !isDue(entry, this.#options.now())) return
      const { notBefore } = await deliverEntry(entry, this.#options, this.#signal, this.#held)
      this.#reader.rest(id, Date.parse(notBefore ?? ''))
    })
  }

  async #deliverBatches(batches: Schedule['batches'], ids: ReadonlySet<string>): Promise<void> {
    for (const id of ids) this.#reader.rest(id, this.#nowMs() + FAULT_SECONDS * 1000)
    await this.#safely(async () => {
      const left = await deliverBatches(batches, this.#options, this.#signal)
      for (const entry of left) this.#reader.rest(crashOf(entry), Date.parse(entry.notBefore ?? ''))
    })
  }

  async #tidy(): Promise<void> {
    if (this.#nowMs() < this.#tidyAtMs) return
    this.#tidyAtMs = this.#nowMs() + TIDY_SECONDS * 1000
    await this.#options.outbox.tidy(this.#options.now())
  }

  /** A disk that fails does so every second, and is told once. */
  async #safely(work: () => Promise<unknown>): Promise<void> {
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
