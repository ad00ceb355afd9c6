import { setTimeout } from 'node:timers/promises'

/** Resolves after `seconds`, or as soon as `signal` is aborted. Handed in, so that a test need not wait. */
export type Pause = (seconds: number, signal: AbortSignal) => Promise<void>

export const pause: Pause = async (seconds, signal) => {
  // It rejects when it is aborted, and for no other reason: that is one way for a pause to end.
  await setTimeout(seconds * 1000, undefined, { signal }).catch(() => undefined)
}
