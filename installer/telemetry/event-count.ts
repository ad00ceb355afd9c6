import { type KubeEvent, noteOf } from './events.ts'

/** What people have to know first, if they are told of several by one. */
const GRAVEST_FIRST = ['CoreDumpFailed', 'CoreDumped', 'CoreDumpSuppressed']

/** Events of one object that are not told yet. */
export class EventCount {
  readonly #counts = new Map<string, number>()
  #first: KubeEvent
  #last: KubeEvent
  #gravest: KubeEvent

  constructor(event: KubeEvent) {
    this.#first = event
    this.#last = event
    this.#gravest = event
    this.add(event)
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  add(event: KubeEvent): void {
    if (this.#counts.size === 0) [this.#first, this.#gravest] = [event, event]
    this.#counts.set(event.reason, (this.#counts.get(event.reason) ?? 0) + 1)
    this.#last = event
    if (rankOf(event.reason) <= rankOf(this.#gravest.reason)) this.#gravest = event
  }

  /** One for all of them, which count as told. `kubectl describe` shows it as `x12 over 5m`. */
  take(): KubeEvent {
    const [told, total] = [this.#gravest, this.total]
    const words = `${total} since ${this.#first.eventTime.replace(/\.\d+Z$/, 'Z')}${this.#whichLast()}`
    this.#counts.clear()
    if (total === 1) return told
    return {
      ...told,
      eventTime: this.#first.eventTime,
      note: noteOf(`${words}: ${told.note}`),
      series: { count: total, lastObservedTime: this.#last.eventTime },
    }
  }

  #whichLast(): string {
    if (this.#counts.size === 1) return ', the last of them'
    const each = [...this.#counts].toSorted(([one], [other]) => rankOf(one) - rankOf(other))
    const counts = each.map(([reason, count]) => `${reason} ${count}`).join(', ')
    return ` (${counts}), the last ${this.#gravest.reason}`
  }
}

function rankOf(reason: string): number {
  return GRAVEST_FIRST.indexOf(reason)
}
