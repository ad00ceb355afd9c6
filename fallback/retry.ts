import { backoff } from '../time/backoff.ts'

const FIRST_RETRY_MS = 10_000
export const LONGEST_RETRY_MS = 600_000

/** How long a file waits after so many failures: later with each time, up to ten minutes. In milliseconds. */
export function retryMs(failures: number): number {
  return backoff({ first: FIRST_RETRY_MS, longest: LONGEST_RETRY_MS }, failures)
}
