import { setTimeout as pause } from 'node:timers/promises'
import { backoff } from '../../time/backoff.ts'

/** For how long one part is tried, and what to do before each further try of completing. */
export interface PartPatience {
  readonly partMs: number
  /**
   * The first pause before a part is sent again; each further one is twice as long, up to ten times the
   * first.
   */
  readonly partPauseMs: number
  readonly completePausesMs: readonly number[]
  /** Whether the same request may go better soon. */
  readonly isPassing: (cause: unknown) => boolean
}

/** Sends `request` again and again for a while, as long as that can help and `signal` is not aborted. */
export async function patiently<T>(
  request: () => Promise<T>,
  { partMs, partPauseMs, isPassing }: PartPatience,
  signal: AbortSignal,
): Promise<T> {
  const until = performance.now() + partMs
  for (let tries = 1; ; tries += 1) {
    try {
      return await request()
    } catch (cause) {
      const stepMs = backoff({ first: partPauseMs, longest: partPauseMs * 10 }, tries)
      const pauseMs = stepMs * (0.5 + Math.random() / 2)
      if (!isPassing(cause) || signal.aborted || performance.now() + pauseMs > until) throw cause
      await pause(pauseMs)
    }
  }
}
