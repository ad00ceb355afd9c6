import type { Indexed } from '../outside.ts'
import { badRequest, expired } from '../status-error.ts'

// A store shows an object a moment after the time that it gives it, and some give whole seconds.
const SETTLING_MS = 5_000
/** How far clocks may be apart: S3 refuses requests from beyond. */
export const CLOCKS_APART_MS = 15 * 60_000
/** A watch goes on from no older one: what came since is in the hours that are looked at again and again. */
const OLDEST_MS = 12 * 60 * 60_000

const MOST_SEEN = 8
const SEEN_DIGITS = 7
const TIME_DIGITS = 13
const LENGTH = TIME_DIGITS + MOST_SEEN * SEEN_DIGITS

/**
 * What a client knows: all that was stored until a time of the store's clock, and some of what is younger. Its text is
 * the `resourceVersion`, which holds all of it, since the next request may come to another replica: a number, and the
 * greater the later, for that is what Kubernetes makes of it.
 */
export class Position {
  #untilMs: number
  /** When what is younger was stored, by {@link markOf} of its id. */
  readonly #seen: Map<number, number>

  constructor(untilMs: number, seen: Iterable<readonly [number, number]> = []) {
    this.#untilMs = untilMs
    this.#seen = new Map(seen)
  }

  /** Of one who knows nothing that is younger than clocks may be apart. */
  static at(now: Date): Position {
    return new Position(now.getTime() - CLOCKS_APART_MS)
  }

  /** Throws a 400 for what is none, and a 410 for one that a watch cannot go on from. */
  static parse(text: string, now: Date): Position {
    if (!/^\d{1,100}$/.test(text)) throw badRequest(`invalid resource version "${text.slice(0, 200)}"`)
    const untilMs = Number(text.slice(0, TIME_DIGITS))
    const agoMs = now.getTime() - untilMs
    if (text.length !== LENGTH || agoMs > OLDEST_MS || agoMs < -CLOCKS_APART_MS)
      throw expired('too old resource version')
    const marks = Array.from({ length: MOST_SEEN }, (_, at) => markAt(text, at)).filter(mark => mark > 0)
    // When they were stored it does not say: they stay until there are too many.
    return new Position(
      untilMs,
      marks.map(mark => [mark, Number.POSITIVE_INFINITY]),
    )
  }

  isNew({ entry, storedAt }: Indexed): boolean {
    return storedAt.getTime() > this.#untilMs && !this.#seen.has(markOf(entry.id))
  }

  /** From now on it is known, and so is all that was stored before it, but for a moment. */
  take({ entry, storedAt }: Indexed): void {
    const storedMs = storedAt.getTime()
    this.settle(storedMs - SETTLING_MS)
    if (storedMs > this.#untilMs) this.#seen.set(markOf(entry.id), storedMs)
  }

  /** All that was stored until then is known. */
  settle(untilMs: number): void {
    if (untilMs <= this.#untilMs) return
    this.#untilMs = untilMs
    for (const [mark, storedMs] of this.#seen) if (storedMs <= untilMs) this.#seen.delete(mark)
  }

  /** Where more was seen than there is room for, a watch from here brings some again. */
  toString(): string {
    const marks = [...this.#seen.keys()].slice(-MOST_SEEN)
    const digits = marks.map(mark => String(mark).padStart(SEEN_DIGITS, '0')).join('')
    return String(this.#untilMs).padStart(TIME_DIGITS, '0') + digits.padEnd(MOST_SEEN * SEEN_DIGITS, '0')
  }
}

/** From 1 to 2^20. */
function markOf(id: string): number {
  return Number.parseInt(id.slice(0, 5), 16) + 1
}

function markAt(text: string, at: number): number {
  return Number(text.slice(TIME_DIGITS + at * SEEN_DIGITS, TIME_DIGITS + (at + 1) * SEEN_DIGITS))
}
