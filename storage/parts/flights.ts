import type { Interruption } from './interruption.ts'

/** Parts on their way, side by side. The first that fails interrupts every wait. */
export class Flights {
  readonly #interruption: Interruption
  readonly #flights = new Set<Promise<void>>()

  constructor(interruption: Interruption) {
    this.#interruption = interruption
  }

  start(work: Promise<void>): void {
    const flight = work
      .catch(cause => this.#interruption.interrupt(cause))
      .finally(() => this.#flights.delete(flight))
    this.#flights.add(flight)
  }

  /** All have arrived; rejects if one did not. */
  async landed(): Promise<void> {
    await this.#interruption.wait(this.ended())
  }

  /** None is under way any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#flights)
  }
}
