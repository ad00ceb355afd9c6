import { setTimeout as sleep } from 'node:timers/promises'

/** Beats at once and then every `seconds`, until `signal` is aborted. What is done at a beat is waited for. */
export async function* pulse(seconds: number, signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    yield
    try {
      await sleep(seconds * 1000, undefined, { signal })
    } catch (cause) {
      if (!signal.aborted) throw cause
    }
  }
}
