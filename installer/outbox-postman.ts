import { messageOf } from '../crash/errors.ts'
import { type Pause, pause } from '../kube/pause.ts'
import type { OutboxEntry } from '../notify/outbox-entry.ts'
import type { Metrics } from './metrics.ts'
import { type Delivering, deliverEntry, LONGEST_RETRY_SECONDS } from './outbox-delivery.ts'

export interface PostmanOptions extends Delivering {
  readonly metrics: Pick<Metrics, 'countDelivery' | 'setOutboxEntries'>
  readonly pause?: Pause
}

const LOOK_SECONDS = 1
const TIDY_SECONDS = 3600
const FAULT_SECONDS = 60
const AT_ONCE = 4

/** Takes what is due from the outbox, the oldest first, to those who wait for it, a few entries at once. */
export class Postman {
  readonly #options: PostmanOptions
  readonly #signal: AbortSignal
  readonly #busy = new Map<string, Promise<void>>()
  /** Until when entries rest, in milliseconds. They are ours by now: nobody else makes them due earlier. */
  readonly #resting = new Map<string, number>()
  #queue: string[] = []
  #tidyAtMs = 0
  #toldFault = ''

  constructor(options: PostmanOptions, signal: AbortSignal) {
    this.#options = options
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
    const due: OutboxEntry[] = []
    for (const id of ids) {
      const entry = this.#mayBeDue(id) ? await this.#read(id) : null
      if (entry !== null && isDue(entry, this.#nowMs())) due.push(entry)
    }
    this.#queue = due.toSorted(byAge).map(({ notice }) => notice.report.id)
    this.#refill()
    await this.#tidy()
  }

  #mayBeDue(id: string): boolean {
    return !this.#busy.has(id) && (this.#resting.get(id) ?? 0) <= this.#nowMs()
  }

  async #read(id: string): Promise<OutboxEntry | null> {
    const entry = await this.#options.outbox.read(id)
    if (entry !== 'unreadable') return entry
    this.#options.log.error({ crash: id }, 'outbox entry put aside: it cannot be read')
    return null
  }

  #refill(): void {
    while (this.#busy.size < AT_ONCE && !this.#signal.aborted) {
      const id = this.#queue.shift()
      if (id === undefined) return
      const work = this.#deliver(id).finally(() => {
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
      if (entry === null || !isDue(entry, this.#nowMs())) return
      const left = await deliverEntry(entry, this.#options, this.#signal)
      this.#resting.set(id, Date.parse(left.notBefore ?? ''))
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
      const reason = messageOf(error)
      if (reason !== this.#toldFault) this.#options.log.error({ reason }, 'outbox not worked on')
      this.#toldFault = reason
    }
  }

  #nowMs(): number {
    return this.#options.now().getTime()
  }
}

/** Later than anybody would write it is the time of a clock that has been set back since. */
function isDue({ notBefore }: OutboxEntry, nowMs: number): boolean {
  const waitMs = Date.parse(notBefore ?? '1970-01-01') - nowMs
  return waitMs <= 0 || waitMs > 2 * LONGEST_RETRY_SECONDS * 1000
}

function byAge(one: OutboxEntry, other: OutboxEntry): number {
  return Date.parse(one.firstAt) - Date.parse(other.firstAt)
}
