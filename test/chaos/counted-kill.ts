import type { Kill } from './plan.ts'

/** A kill that is to come when its moment has come so many times. */
export class CountedKill {
  readonly #kill: Kill | null
  readonly #seen = new Map<Kill['at'], number>()

  constructor(kill: Kill | null) {
    this.#kill = kill
  }

  get afterMilliseconds(): number | null {
    return this.#kill?.at === 'milliseconds' ? this.#kill.count : null
  }

  isDue(at: Kill['at']): boolean {
    const seen = (this.#seen.get(at) ?? 0) + 1
    this.#seen.set(at, seen)
    return this.#kill?.at === at && this.#kill.count === seen
  }
}
