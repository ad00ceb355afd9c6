import { type Pause, pause as realPause } from '../../time/pause.ts'

export interface Waiting {
  /** By Date.now(). */
  readonly until: number
  readonly signal: AbortSignal
  /** To be thrown when the time is over. */
  readonly late: () => Error
  readonly pause?: Pause
}

const LOOK_EVERY_SECONDS = 0.5

/** What `look` finds, as soon as it does. */
export async function seenBy<T>(
  { until, signal, late, pause = realPause }: Waiting,
  look: () => Promise<T | null>,
): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() >= until) throw late()
    await pause(LOOK_EVERY_SECONDS, signal)
    signal.throwIfAborted()
  }
}
