import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Ticks at once and then every `seconds`, until `signal` is aborted. What is done at a tick is waited for.
 */
export async function* tickEvery(seconds: number, signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    yield
    try {
      await sleep(seconds * 1000, undefined, { signal })
    } catch (cause) {
      if (!signal.aborted) throw cause
    }
  }
}
