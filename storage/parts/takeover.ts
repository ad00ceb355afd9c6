import type { Failover, Situation, Spill } from './failover.ts'
import type { Part } from './part.ts'

/** What a {@link Failover} does once it has taken over. Every method rejects if it could not. */
export class Takeover {
  readonly #spill: Promise<Spill>
  /** The store has said that it has the object, and was not seen to. */
  isConfirmed = false

  private constructor(spill: Promise<Spill>) {
    this.#spill = spill
  }

  static begin(failover: Failover, situation: Situation): Takeover {
    return new Takeover(failover.takeOver(situation))
  }

  /** Resolves once it has taken over. */
  async begun(): Promise<void> {
    await this.#spill
  }

  async keep(parts: readonly Part[]): Promise<void> {
    const spill = await this.#spill
    for (const { number, bytes } of parts) await spill.keep(number, bytes)
  }

  /** All parts up to `lastPart` are kept or stored. */
  async end(lastPart: number): Promise<void> {
    await (await this.#spill).end(lastPart, this.isConfirmed)
  }
}
