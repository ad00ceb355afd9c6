/** Bytes that pass at a speed, from whomever they come: a line that all share. */
export class Pace {
  readonly #bytesPerSecond: number
  #freeAtMs = 0

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  /** How long `bytes` that are there at `nowMs` have to wait, until they and all before them have passed. */
  waitMs(bytes: number, nowMs: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (bytes / this.#bytesPerSecond) * 1000
    return this.#freeAtMs - nowMs
  }
}
