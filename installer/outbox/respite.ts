import type { Verdict } from '../../notify/verdict.ts'

const SHORTEST_SECONDS = 30
/** No entry of the outbox rests longer. */
const LONGEST_SECONDS = 600

/**
 * One who did not answer is left alone for a while. Thousands of entries may wait for it, each for as long as a
 * connection takes to fail, and others are told in between.
 */
export class Respite {
  readonly #nowMs: () => number
  #untilMs = Number.NEGATIVE_INFINITY

  /** Tests hand in another clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** What `ask` says, or that it is too early to ask. */
  async after(ask: () => Promise<Verdict>): Promise<Verdict> {
    const seconds = (this.#untilMs - this.#nowMs()) / 1000
    if (seconds > 0) return tooEarly(seconds)
    const verdict = await ask()
    // What one crash makes it stumble over keeps it from no other one's.
    if (verdict.kind === 'retry' && verdict.isOfOne !== true) {
      const asked = Math.min(Math.max(verdict.afterSeconds, SHORTEST_SECONDS), LONGEST_SECONDS)
      this.#untilMs = this.#nowMs() + asked * 1000
    }
    return verdict
  }
}

function tooEarly(afterSeconds: number): Verdict {
  const reason = 'it did not take what it was told just before'
  return { kind: 'retry', reason, hint: 'The line before says why.', afterSeconds }
}
