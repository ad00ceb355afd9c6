import type { Pause } from '../../time/pause.ts'

/** Stands in for the time between the rounds of an activity: it passes when the test says so. */
export class Rounds {
  /** The pauses that were made, in seconds. */
  readonly waits: number[] = []
  #paused = Promise.withResolvers<void>()
  #resumed = Promise.withResolvers<void>()

  readonly pause: Pause = async (seconds, signal) => {
    this.waits.push(seconds)
    this.#paused.resolve()
    if (signal.aborted) return
    const resumed = this.#resumed
    signal.addEventListener('abort', () => resumed.resolve())
    await resumed.promise
  }

  /** Until the round under way is over. */
  async over(): Promise<void> {
    await this.#paused.promise
  }

  /** Ends the pause, and waits until the next one. */
  async next(): Promise<void> {
    await this.over()
    const resumed = this.#resumed
    this.#paused = Promise.withResolvers()
    this.#resumed = Promise.withResolvers()
    resumed.resolve()
    await this.over()
  }
}
