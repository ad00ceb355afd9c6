import { LeftAlone } from '../../handoff/left-alone.ts'
import type { OutboxEntry } from '../../handoff/outbox-entry.ts'
import type { Delivering } from './delivery.ts'

type Reading = Pick<Delivering, 'outbox' | 'log' | 'now'>

/** Reads the outbox for the postman, and knows until when entries rest, so that they are not read in vain. */
export class OutboxReader {
  readonly #reading: Reading
  readonly #leftAlone: LeftAlone
  /** In milliseconds, by crash. They are ours by now: no other process makes them due earlier. */
  readonly #restingUntilMs = new Map<string, number>()
  /** Since when they wait, in milliseconds, by crash: of those that are there and were read. */
  readonly #firstAtMs = new Map<string, number>()

  constructor(reading: Reading) {
    this.#reading = reading
    this.#leftAlone = new LeftAlone(reading.log)
  }

  /** The crashes whose entries are there. */
  async ids(): Promise<readonly string[]> {
    const ids = new Set(await this.#reading.outbox.ids())
    for (const known of [this.#restingUntilMs, this.#firstAtMs])
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    return [...ids]
  }

  /** The entries of `ids`. Those that rest are read only when others may be due: it may be a burst. */
  async entries(ids: readonly string[]): Promise<readonly OutboxEntry[]> {
    if (!ids.some(id => this.#mayBeDue(id))) return []
    const entries: OutboxEntry[] = []
    for (const id of ids) {
      const entry = await this.entry(id)
      if (entry !== null) entries.push(entry)
    }
    return entries
  }

  /** `null`: there is none, or none that we can read; which of the two, the log says. */
  async entry(id: string): Promise<OutboxEntry | null> {
    const { outbox, log } = this.#reading
    const entry = await outbox.read(id)
    if (entry === 'unreadable') log.error({ crash: id }, 'outbox entry put aside: it cannot be read')
    if (entry === 'another version') this.#leftAlone.tell(outbox.file(id))
    if (entry === null || typeof entry === 'string') return null
    this.#firstAtMs.set(id, Date.parse(entry.firstAt))
    return entry
  }

  /** Since when the entry waits that has waited the longest; `null`: there is none that can be read. */
  oldest(): Date | null {
    return this.#firstAtMs.size === 0 ? null : new Date(Math.min(...this.#firstAtMs.values()))
  }

  /** The entry of crash `id` is not due before. */
  rest(id: string, untilMs: number): void {
    this.#restingUntilMs.set(id, untilMs)
  }

  #mayBeDue(id: string): boolean {
    return (this.#restingUntilMs.get(id) ?? 0) <= this.#reading.now().getTime()
  }
}
